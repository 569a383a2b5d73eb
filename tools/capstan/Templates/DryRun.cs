using System.Text.Json.Nodes;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace Capstan.Tool.Templates;

/// <summary>What an apply of one object would come to.</summary>
/// <param name="Live">As it is; null: it is not there.</param>
/// <param name="Wanted">As it would be; null: it would be deleted.</param>
/// <param name="Note">What is to be known besides; null: nothing.</param>
internal sealed record DryRunResult(JsonObject? Live, JsonObject? Wanted, string? Note = null);

/// <summary>Applies the objects of a template as the operator would, but by dry runs.</summary>
internal sealed class DryRun(KubeClient client, KubeTemplate template)
{
    /// <summary>Tries one entry.</summary>
    /// <exception cref="TemplateException">The operator would fail here too; the message says why.</exception>
    /// <exception cref="ApiException">The object cannot be read or tried.</exception>
    public async Task<DryRunResult> TryAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        if (await client.Discovery.FindAsync(manifest.Kind, cancellationToken) is not { } type)
        {
            return IsDefinedBeside(manifest)
                ? new(null, manifest.ToObject(template, namespaced: true), "not checked by the server: its definition is made by this template")
                : throw new TemplateException(FailureReasons.UnknownKind, $"{manifest}: the API server serves no {manifest.Kind.Kind} in {manifest.Kind.ApiVersion}");
        }

        var key = type.Namespaced ? manifest.Key : ObjectKey.ClusterScoped(manifest.Key.Name);
        var live = await client.FindAsync(type, key, cancellationToken);
        var target = new Target(client, template, manifest, type, Recorded(manifest, type));
        var wanted = live is null ? target.ToObject() : target.ToOwned();
        try
        {
            return new(live?.ToJson(), await ApplyAsync(type, key, wanted, manifest.Entry.Adopt == true, cancellationToken));
        }
        catch (ApiException conflict) when (conflict.IsConflict && live is not null && target.Made(live))
        {
            return new(live.ToJson(), await ApplyAsync(type, key, wanted, force: true, cancellationToken), "fields that others have taken would be taken back");
        }
        catch (ApiException refused) when (live is not null && manifest.Entry.Replace == true && ImmutableField.IsWhy(refused.Status) && target.Made(live))
        {
            return new(live.ToJson(), wanted, "would be deleted and made anew: a field of it is immutable");
        }
        catch (ApiException refused) when (live is null && refused.IsNotFound)
        {
            return new(null, wanted, $"not checked by the server: {refused.Status.Message}");
        }
        catch (ApiException refused)
        {
            throw target.Refused(refused);
        }
    }

    /// <summary>What the template made before, does not name any more, and would delete.</summary>
    public async Task<IReadOnlyList<(GroupVersionKind Kind, ObjectKey Key, JsonObject Live)>> PrunedAsync(CancellationToken cancellationToken)
    {
        var pruned = new List<(GroupVersionKind, ObjectKey, JsonObject)>();
        if (template.Spec.Prune != true)
        {
            return pruned;
        }

        var named = new HashSet<(string, string, string)>();
        for (var i = 0; i < template.Spec.Templates.Count; i++)
        {
            try
            {
                var manifest = Manifest.Read(i, template.Spec.Templates[i], template.Metadata.Namespace!);
                var type = await client.Discovery.FindAsync(manifest.Kind, cancellationToken);
                named.Add((manifest.Kind.Group, manifest.Kind.Kind, type is { Namespaced: false } ? $"/{manifest.Key.Name}" : $"{manifest.Key.Namespace}/{manifest.Key.Name}"));
            }
            catch (TemplateException)
            {
                // Nothing is pruned by a template that cannot be read.
                return pruned;
            }
        }

        foreach (var made in template.Status?.Resources ?? [])
        {
            var kind = new GroupVersionKind(made.Group, made.Version, made.Kind);
            var key = new ObjectKey(made.Namespace ?? "", made.Name);
            if (!named.Contains((made.Group, made.Kind, $"{made.Namespace}/{made.Name}"))
                && await client.Discovery.FindAsync(kind, cancellationToken) is { } type
                && await client.FindAsync(type, key, cancellationToken) is { } live
                && live.Uid == made.Uid
                && Tracking.Marks(live.Labels, template.Key))
            {
                pruned.Add((kind, key, live.ToJson()));
            }
        }

        return pruned;
    }

    private async Task<JsonObject> ApplyAsync(ResourceType type, ObjectKey key, JsonObject wanted, bool force, CancellationToken cancellationToken) =>
        (await client.ApplyAsync(type, key, DynamicObject.From(wanted).Json, new() { FieldManager = ObjectApplier.FieldManager, Force = force, DryRun = true }, cancellationToken)).ToJson();

    private ResourceStatus? Recorded(Manifest manifest, ResourceType type) => template.Status?.Resources?.Find(made =>
        made.Group == manifest.Kind.Group && made.Kind == manifest.Kind.Kind && made.Name == manifest.Key.Name
        && (made.Namespace ?? "") == (type.Namespaced ? manifest.Key.Namespace : ""));

    private bool IsDefinedBeside(Manifest manifest) => template.Spec.Templates.Any(entry =>
        JsonObject.Create(entry.Object) is { } json
        && json["kind"]?.ToString() == "CustomResourceDefinition"
        && json["spec"]?["group"]?.ToString() == manifest.Kind.Group
        && json["spec"]?["names"]?["kind"]?.ToString() == manifest.Kind.Kind);
}
