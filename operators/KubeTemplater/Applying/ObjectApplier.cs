using Capstan;
using KubeTemplater.Reconciling;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>Brings one manifest to the server: one server-side apply, and more only where asked for and needed.</summary>
internal sealed class ObjectApplier(WriteBudget budget, Replacement replacement, TemplateMetrics metrics, TimeProvider time)
{
    /// <summary>Field manager of everything that the operator applies; the Go operator's, so that its fields are ours.</summary>
    public const string FieldManager = "kubetemplater";

    /// <summary>Applies the entry.</summary>
    /// <returns>The object as the server has it now; null while an object that it replaces is being deleted.</returns>
    /// <exception cref="TemplateException">The server refused it.</exception>
    public async Task<DynamicObject?> ApplyAsync(Target target, CancellationToken cancellationToken)
    {
        try
        {
            return target.LeftToOthers.Count == 0
                ? await SendAsync(target, target.ToBody, cancellationToken)
                : await ApplyPartAsync(target, cancellationToken);
        }
        catch (ApiException refused) when (target.Manifest.Entry.Replace == true && ImmutableField.IsWhy(refused.Status))
        {
            return await replacement.ReplaceAsync(target, refused, token => SendAsync(target, target.ToBody, token), cancellationToken) is { } replaced
                ? target.LeftToOthers.Count == 0 ? replaced : await ReleaseAsync(target, replaced, cancellationToken)
                : null;
        }
        catch (ApiException refused)
        {
            throw target.Refused(refused);
        }
    }

    /// <summary>Makes the object in full, or applies all of it but what is left to others.</summary>
    private async Task<DynamicObject> ApplyPartAsync(Target target, CancellationToken cancellationToken)
    {
        if (await target.Client.FindAsync(target.Type, target.Key, cancellationToken) is { } live)
        {
            await ReleaseAsync(target, live, cancellationToken);
            return await SendAsync(target, target.ToOwnedBody, cancellationToken);
        }

        return await ReleaseAsync(target, await SendAsync(target, target.ToBody, cancellationToken), cancellationToken);
    }

    /// <summary>Makes the fields that are left to others nobody's, with the values that they have.</summary>
    private async Task<DynamicObject> ReleaseAsync(Target target, DynamicObject live, CancellationToken cancellationToken)
    {
        DynamicObject? current = null;
        try
        {
            return await target.Client.RetryOnConflictAsync(
                async token =>
                {
                    // The first try trusts what was just read; what another changed since is read from the server.
                    current = current is null ? live : await target.Client.GetAsync(target.Type, target.Key, token);
                    if (FieldRelease.PatchOf(current, target.ToObject(), target.LeftToOthers) is not { } patch)
                    {
                        return current;
                    }

                    budget.CountWrite();
                    return await target.Client.PatchAsync(target.Type, target.Key, PatchType.Json, patch, new() { FieldManager = FieldManager }, token);
                },
                cancellationToken);
        }
        catch (ApiException refused)
        {
            throw target.Refused(refused, "cannot leave fields to others: ");
        }
    }

    /// <summary>One apply. What another manager took of an object that this template made is taken back: that is drift, not a claim.</summary>
    /// <param name="target">The entry.</param>
    /// <param name="wanted">The body, bound to the object with a uid if one is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<DynamicObject> SendAsync(Target target, Func<string?, ReadOnlyMemory<byte>> wanted, CancellationToken cancellationToken)
    {
        if (target.IsTakenBack && target.Recorded?.Uid is { } ours)
        {
            try
            {
                return await SendAsync(target, wanted(ours), force: true, cancellationToken);
            }
            catch (ApiException gone) when (IsAnother(gone))
            {
                // It was deleted since, or another has its name.
            }
        }

        try
        {
            return await SendAsync(target, wanted(null), target.Manifest.Entry.Adopt == true, cancellationToken);
        }
        catch (ApiException conflict) when (IsOfFields(conflict) && target.Recorded?.Uid is { } uid)
        {
            try
            {
                // With the uid, so that no other object that took the name is meant.
                return await SendAsync(target, wanted(uid), force: true, cancellationToken);
            }
            catch (ApiException other) when (IsAnother(other))
            {
                throw conflict;
            }
        }
    }

    private async Task<DynamicObject> SendAsync(Target target, ReadOnlyMemory<byte> body, bool force, CancellationToken cancellationToken)
    {
        budget.CountWrite();
        var started = time.GetTimestamp();
        var isTaken = false;
        try
        {
            var applied = await target.Client.ApplyAsync(
                target.Type, target.Key, body, new() { FieldManager = FieldManager, Force = force }, cancellationToken);
            isTaken = true;
            return applied;
        }
        finally
        {
            metrics.Applied(isTaken, time.GetElapsedTime(started));
        }
    }

    /// <summary>Whether an object with another uid is there, or none.</summary>
    private static bool IsAnother(ApiException refused) =>
        refused.IsConflict || (refused.IsInvalid && refused.Status.Details?.Causes?.Any(cause => cause.Field == "metadata.uid") == true);

    private static bool IsOfFields(ApiException conflict) =>
        conflict.IsConflict && conflict.Status.Details?.Causes?.Any(cause => cause.Reason == "FieldManagerConflict") == true;
}
