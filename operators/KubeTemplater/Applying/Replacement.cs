using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Applying;

/// <summary>Makes an object anew whose change the server refuses because a field of it may not change.</summary>
/// <remarks>
/// Only an object that this template made is deleted, only the very one that was looked at (uid), and only if the server would take the new one. If it is refused all the
/// same, the old one is put back. Nothing waits here for an object that finalizers hold: the run is resumed.
/// </remarks>
internal sealed class Replacement(WriteBudget budget, ILogger logger)
{
    /// <summary>Deletes the object and applies the new one.</summary>
    /// <param name="target">The entry.</param>
    /// <param name="refused">Why it cannot be changed.</param>
    /// <param name="apply">Applies the new object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new object; null while the old one is being deleted.</returns>
    /// <exception cref="TemplateException">The object is not replaced, and why.</exception>
    public async Task<DynamicObject?> ReplaceAsync(
        Target target, ApiException refused, Func<CancellationToken, Task<DynamicObject>> apply, CancellationToken cancellationToken)
    {
        DynamicObject? old = null;
        try
        {
            old = await target.Client.GetAsync(target.Type, target.Key, cancellationToken);
            if (old.DeletionTimestamp is not null)
            {
                return null;
            }

            if (!target.Made(old))
            {
                throw target.Refused(refused, "not replaced, since it was not made by this KubeTemplate: ");
            }

            await RehearseAsync(target, cancellationToken);
            Log.Replacing(logger, target.Type.Kind, target.Key.ToString(), target.Template.Key.ToString(), refused.Status.Message ?? refused.Message);
            budget.CountWrite();
            if (await target.Client.DeleteAsync(target.Type, target.Key, new() { Uid = old.Uid, PropagationPolicy = "Background" }, cancellationToken) is not null)
            {
                return null;
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody else deleted it: what was in the way is gone.
        }
        catch (ApiException e)
        {
            throw target.Refused(e, "cannot be replaced: ");
        }

        try
        {
            return await apply(cancellationToken);
        }
        catch (ApiException e) when (old is not null)
        {
            throw await RestoreAsync(target, old, e, cancellationToken);
        }
    }

    /// <summary>Asks the server whether it would take the new object.</summary>
    /// <remarks>A creation is validated and admitted in full before its name is looked up; so the answer that the name is taken says that all else is well.</remarks>
    private static async Task RehearseAsync(Target target, CancellationToken cancellationToken)
    {
        try
        {
            await target.Client.CreateAsync(
                target.Type, DynamicObject.From(target.ToObject()), new() { FieldManager = ObjectApplier.FieldManager, DryRun = true }, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists || IsHeldByOld(e))
        {
            // As expected.
        }
        catch (ApiException e)
        {
            throw target.Refused(e, "not replaced, since the new object would be refused: ");
        }
    }

    /// <summary>Whether all that speaks against the new object are addresses and ports that the old one has.</summary>
    private static bool IsHeldByOld(ApiException refused) =>
        refused.IsInvalid && refused.Status.Details?.Causes is { Count: > 0 } causes
        && causes.All(cause => cause.Message?.Contains("already allocated", StringComparison.Ordinal) == true);

    private async Task<TemplateException> RestoreAsync(Target target, DynamicObject old, ApiException refused, CancellationToken cancellationToken)
    {
        try
        {
            budget.CountWrite();
            var restored = await target.Client.CreateAsync(target.Type, Bare(old), new() { FieldManager = ObjectApplier.FieldManager }, cancellationToken);
            var why = target.Refused(refused, "the new object was refused, and the old one is put back: ");
            return new(why.Reason, why.Message) { Refusal = refused, Uid = restored.Uid };
        }
        catch (ApiException e)
        {
            return target.Refused(refused, $"deleted for replacement; the old object could not be put back ({e.Status.Message}), and the new one was refused: ");
        }
    }

    /// <summary>The object without what belonged to its life: so that it can be made again.</summary>
    private static DynamicObject Bare(DynamicObject old)
    {
        var json = old.ToJson();
        json.Remove("status");
        foreach (var field in (string[])[.. Manifest.ServerOwned, "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            (json["metadata"] as JsonObject)?.Remove(field);
        }

        return DynamicObject.From(json);
    }
}
