using System.Text.Json.Nodes;
using KubeTemplater.Templating;

namespace Capstan.Tool.Templates;

/// <summary>A field that an applied manifest gives and its manager no longer has.</summary>
/// <param name="Path">For people: <c>spec.template.spec.containers[name=web].image</c>; empty: the manager has nothing of the object.</param>
/// <param name="By">The field manager that has it now; null: nobody, it was removed.</param>
internal readonly record struct LostField(string Path, string? By)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? "not applied" : $"{Path} ({By ?? "removed"})";
}

/// <summary>Finds out from <c>managedFields</c> what others changed in an applied object.</summary>
/// <remarks>A server takes a field from its manager when another one changes or removes it. So nothing is compared here by value, and what the server
/// normalises (quantities, defaults) is never taken for a change.</remarks>
internal sealed class LostFields
{
    // No manager owns these, or the server turns them into other fields.
    private static readonly string[] NotOwned = ["apiVersion", "kind", "status", "stringData"];

    private readonly HashSet<string> _ignored;
    private readonly List<LostField> _found = [];

    private LostFields(IEnumerable<string> ignored) => _ignored = [.. ignored];

    /// <summary>The fields of <paramref name="manifest"/> that <paramref name="manager"/> no longer has in <paramref name="live"/>.</summary>
    /// <param name="manifest">As it was applied.</param>
    /// <param name="live">As the server has it, with <c>managedFields</c>.</param>
    /// <param name="manager">Who applied it.</param>
    /// <param name="ignored">JSON pointers to fields that are left to others.</param>
    public static IReadOnlyList<LostField> Of(JsonObject manifest, DynamicObject live, string manager, IEnumerable<string> ignored)
    {
        var managers = Managers(live).ToList();
        var ours = managers.Find(entry => entry.Manager == manager && entry.Applied).Fields;
        if (ours is null)
        {
            return [new("", null)];
        }

        var search = new LostFields(ignored);
        var others = managers.Where(entry => entry.Fields != ours).Select(entry => (entry.Manager, entry.Fields)).ToList();
        search.Map(manifest, ours, others, "", "");
        return search._found;
    }

    private static IEnumerable<(string Manager, bool Applied, JsonObject Fields)> Managers(DynamicObject live)
    {
        foreach (var entry in live.ToJson()["metadata"]?["managedFields"] as JsonArray ?? [])
        {
            if (entry is JsonObject map && map["fieldsV1"] is JsonObject fields)
            {
                yield return (map["manager"]?.GetValue<string>() ?? "", map["operation"]?.GetValue<string>() == "Apply" && map["subresource"] is null, fields);
            }
        }
    }

    private void Map(JsonObject map, JsonObject ours, List<(string Manager, JsonObject Fields)> others, string path, string pointer)
    {
        foreach (var (name, value) in map)
        {
            var isOwned = path switch { "" => !NotOwned.Contains(name), "metadata" => ManagedFields.OwnedMetadata.Contains(name), _ => true };
            if (isOwned && value is not null)
            {
                var text = path.Length == 0 ? name : name.AsSpan().ContainsAny('.', '/') ? $"{path}['{name}']" : $"{path}.{name}";
                Below(value, ours, others, fields => fields[$"f:{name}"] as JsonObject, text, $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");
            }
        }
    }

    private void List(JsonArray list, JsonObject ours, List<(string Manager, JsonObject Fields)> others, string path, string pointer)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject item && KeyOf(item, ours, others) is { } key)
            {
                Below(item, ours, others, fields => Item(fields, item), $"{path}[{key}]", $"{pointer}/{i}");
            }
            else if (list[i] is JsonValue value)
            {
                Below(value, ours, others, fields => fields[$"v:{value.ToJsonString()}"] as JsonObject, $"{path}[{value.ToJsonString()}]", $"{pointer}/{i}");
            }
        }
    }

    private void Below(
        JsonNode value, JsonObject ours, List<(string Manager, JsonObject Fields)> others, Func<JsonObject, JsonObject?> step, string path, string pointer)
    {
        if (_ignored.Contains(pointer))
        {
            return;
        }

        var theirs = others.Select(entry => (entry.Manager, Fields: step(entry.Fields)!)).Where(entry => entry.Fields is not null).ToList();
        if (step(ours) is { } owned)
        {
            // Without members it is owned as one: a plain value, or a map or list that only changes as a whole.
            if (owned.Count > 0 && value is JsonObject map)
            {
                Map(map, owned, theirs, path, pointer);
            }
            else if (owned.Count > 0 && value is JsonArray list)
            {
                List(list, owned, theirs, path, pointer);
            }
        }
        else if (value is JsonObject { Count: > 0 } inner && path == "metadata")
        {
            // Nobody owns the metadata itself.
            Map(inner, [], theirs, path, pointer);
        }
        else
        {
            _found.Add(new(path, theirs.Count > 0 ? theirs[^1].Manager : null));
        }
    }

    /// <summary>The member of a list of maps: its key may have fields that the server filled in, but none that the item says otherwise.</summary>
    private static JsonObject? Item(JsonObject fields, JsonObject item) =>
        fields.FirstOrDefault(member => ManagedFields.KeysOf(member.Key) is { } keys && keys.All(key => item[key.Key] is not { } said || JsonNode.DeepEquals(said, key.Value))).Value as JsonObject;

    private static string? KeyOf(JsonObject item, JsonObject ours, List<(string Manager, JsonObject Fields)> others)
    {
        var names = others.Select(entry => entry.Fields).Prepend(ours).SelectMany(fields => fields).Select(member => ManagedFields.KeysOf(member.Key)).FirstOrDefault(keys => keys is not null);
        return names is null ? null : string.Join(',', names.Where(key => item[key.Key] is not null).Select(key => $"{key.Key}={item[key.Key]}"));
    }
}
