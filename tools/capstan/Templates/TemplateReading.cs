using System.Globalization;
using System.Runtime.CompilerServices;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace Capstan.Tool.Templates;

/// <summary>Reads templates and what they made: the status first, then the objects themselves.</summary>
internal sealed class TemplateReading(KubeClient client)
{
    private const int ReadsAtOnce = 8;

    /// <summary>One template, those of a namespace, or all (null); each as soon as its objects are read.</summary>
    /// <exception cref="ApiException">There is no such template, or it may not be read.</exception>
    public async IAsyncEnumerable<TemplateState> ReadAsync(string? @namespace, string? name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            yield return await ReadAsync(await client.GetAsync<KubeTemplate>(new(@namespace!, name), cancellationToken), cancellationToken);
            yield break;
        }

        await foreach (var template in client.EnumerateAsync<KubeTemplate>(new() { Namespace = @namespace }, cancellationToken))
        {
            yield return await ReadAsync(template, cancellationToken);
        }
    }

    private async Task<TemplateState> ReadAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        var reported = (template.Status?.Resources ?? []).DistinctBy(IdentityOf).ToDictionary(IdentityOf);
        var wanted = new List<(ResourceStatus Status, Manifest? Manifest, string? Id)>();
        for (var i = 0; i < template.Spec.Templates.Count; i++)
        {
            var id = template.Spec.Templates[i].Id ?? i.ToString(CultureInfo.InvariantCulture);
            if (await FindAsync(template, i, cancellationToken) is not ({ } manifest, { } status))
            {
                wanted.Add((new() { Id = id, State = ResourceStates.Failed, Message = "is no object with apiVersion, kind and name" }, null, id));
                continue;
            }

            wanted.Add((reported.Remove(IdentityOf(status), out var said) ? said : status, manifest, id));
        }

        wanted.AddRange(reported.Values.Select(left => (left with { State = LiveStates.Left }, (Manifest?)null, (string?)null)));
        var objects = new ObjectState[wanted.Count];
        await Parallel.ForAsync(
            0,
            wanted.Count,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (i, stop) => objects[i] = await SeeAsync(template, wanted[i].Status, wanted[i].Manifest, wanted[i].Id, stop));
        return new(template, objects);
    }

    /// <summary>What the entry asks for, in the form of a status that says nothing yet.</summary>
    private async Task<(Manifest? Manifest, ResourceStatus? Status)> FindAsync(KubeTemplate template, int index, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = Manifest.Read(index, template.Spec.Templates[index], template.Metadata.Namespace!);
            var type = await client.Discovery.FindAsync(manifest.Kind, cancellationToken);
            return (manifest, new()
            {
                Group = manifest.Kind.Group,
                Version = manifest.Kind.Version,
                Kind = manifest.Kind.Kind,
                Namespace = type is { Namespaced: false } ? null : manifest.Key.Namespace,
                Name = manifest.Key.Name,
                State = LiveStates.Pending,
            });
        }
        catch (TemplateException)
        {
            return default;
        }
    }

    private async Task<ObjectState> SeeAsync(KubeTemplate template, ResourceStatus status, Manifest? manifest, string? id, CancellationToken cancellationToken)
    {
        var kind = new GroupVersionKind(status.Group, status.Version, status.Kind);
        var seen = new ObjectState(id, kind, new(status.Namespace ?? "", status.Name), status.State ?? LiveStates.Unknown, status.Message ?? "");
        if (status.Name.Length == 0)
        {
            return seen;
        }

        try
        {
            if (await client.Discovery.FindAsync(kind, cancellationToken) is not { } type)
            {
                return seen with { State = LiveStates.Unknown, Message = $"the API server serves no {kind.Kind} in {kind.ApiVersion}" };
            }

            var live = await client.GetAsync(type, seen.Key, cancellationToken);
            var readiness = Readiness.Of(live);
            return seen with
            {
                IsReady = readiness.IsReady,
                Message = seen.Message.Length > 0 ? seen.Message : readiness.Message ?? "",
                State = live.DeletionTimestamp is not null ? LiveStates.Terminating
                    : status.Uid is { } applied && applied != live.Uid ? LiveStates.Recreated
                    : seen.State,
                Created = CreatedAt(live),
                Uid = live.Uid,
                Drift = manifest is null || seen.State == LiveStates.Pending
                    ? []
                    : LostFields.Of(manifest.ToObject(template, type.Namespaced), live, ObjectApplier.FieldManager, manifest.Entry.IgnoreFields ?? []),
            };
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            return seen.State is ResourceStates.Applied or ResourceStates.Ready ? seen with { State = LiveStates.Missing } : seen;
        }
        catch (ApiException refused)
        {
            return seen with { State = LiveStates.Unknown, Message = refused.Status.Message ?? refused.Message };
        }
    }

    private static DateTimeOffset? CreatedAt(DynamicObject live) =>
        DateTimeOffset.TryParse(live.ToJson()["metadata"]?["creationTimestamp"]?.ToString(), CultureInfo.InvariantCulture, out var at) ? at : null;

    private static (string, string, string, string) IdentityOf(ResourceStatus status) => (status.Group, status.Kind, status.Namespace ?? "", status.Name);
}
