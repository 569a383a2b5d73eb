using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Kubernetes' strategic merge patch: objects merge, null removes, and lists merge by key where the schema says so.</summary>
/// <remarks>
/// Directives inside the patch: <c>$patch: replace|delete</c> in an object or an item, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList/field</c> and
/// <c>$setElementOrder/field</c>. Only built-in kinds have the facts that it needs; the API server answers 415 for custom resources.
/// </remarks>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string DeletePrefix = "$deleteFromPrimitiveList";
    internal const string OrderPrefix = "$setElementOrder";

    /// <summary>The patched copy of <paramref name="target"/>. Neither argument is changed.</summary>
    /// <param name="target">The object as stored.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="schema">The schema of the object's kind, with patch strategies and merge keys.</param>
    /// <exception cref="PatchException">A directive is malformed, an item lacks its merge key, or a merged field is unknown.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return Merge(target.DeepClone().AsObject(), patch.DeepClone().AsObject(), schema);
    }

    /// <summary>Merges <paramref name="patch"/> into <paramref name="target"/>; both are consumed.</summary>
    internal static JsonObject Merge(JsonObject target, JsonObject patch, Schema schema)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            return Directed(directive, patch);
        }

        Retain(target, patch);
        StrategicListOrder.Apply(target, patch, schema);
        foreach (var (key, value) in patch.ToList())
        {
            var isDeletion = key.StartsWith(DeletePrefix, StringComparison.Ordinal);
            MergeField(target, isDeletion ? ListOf(key, DeletePrefix) : key, value, isDeletion, schema);
        }

        return target;
    }

    /// <summary>The schema of a field that is merged into.</summary>
    internal static Schema Field(Schema schema, string name) => schema.Field(name)
        ?? throw new PatchException($"unable to find api field in struct {schema.TypeName?.Split('.')[^1] ?? "object"} for the json field {GoFormat.Quote(name)}");

    /// <summary>The name of the list that a directive such as <c>$setElementOrder/ports</c> is about.</summary>
    internal static string ListOf(string key, string prefix) => key.Length > prefix.Length && key[prefix.Length] == '/'
        ? key[(prefix.Length + 1)..]
        : throw new PatchException($"invalid patch format of {(prefix == OrderPrefix ? "setElementOrder" : "primitive")} list");

    private static void MergeField(JsonObject target, string name, JsonNode? value, bool isDeletion, Schema schema)
    {
        if (value is null)
        {
            target.Remove(name);
            return;
        }

        switch (target[name], value)
        {
            case (JsonObject existing, JsonObject changes) when !isDeletion:
                var field = Field(schema, name);
                target[name] = field.PatchStrategies.Contains("replace") ? changes.DeepClone() : Merge(existing.DeepClone().AsObject(), changes, field);
                break;
            case (JsonArray existing, JsonArray changes):
                target[name] = StrategicList.Merge(existing, changes, Field(schema, name), isDeletion);
                break;
            case var _ when isDeletion:
                break;
            default:
                // Nothing to merge with: the patch is the value, without nulls and directives.
                Pruning.DropNulls(value);
                target.Remove(name);
                if (WithoutDirectives(value) is { } kept)
                {
                    target[name] = kept;
                }

                break;
        }
    }

    private static JsonObject Directed(JsonNode? directive, JsonObject patch)
    {
        switch ((directive as JsonValue)?.TryGetValue<string>(out var text) == true ? text : null)
        {
            case "replace":
                var replacement = patch.DeepClone().AsObject();
                replacement.Remove(Directive);
                return replacement;
            case "delete":
                return [];
            default:
                throw UnknownDirective(directive, patch);
        }
    }

    internal static PatchException UnknownDirective(JsonNode? directive, JsonObject patch) =>
        new($"unknown patch type: {GoFormat.Plain(directive)} in map: {GoFormat.Plain(patch)}");

    private static void Retain(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var listed))
        {
            return;
        }

        patch.Remove(RetainKeys);
        var malformed = new PatchException("invalid patch format of retainKeys");
        var retained = (listed as JsonArray ?? throw malformed).Select(GoFormat.Plain).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in patch)
        {
            var isDirective = key.StartsWith(DeletePrefix, StringComparison.Ordinal) || key.StartsWith(OrderPrefix, StringComparison.Ordinal);
            if (value is not null && !isDirective && !retained.Contains(key))
            {
                throw malformed;
            }
        }

        foreach (var name in target.Select(field => field.Key).Where(name => !retained.Contains(name)).ToList())
        {
            target.Remove(name);
        }
    }

    /// <summary>A copy without the objects that carry a directive; null when the value itself does.</summary>
    internal static JsonNode? WithoutDirectives(JsonNode value)
    {
        switch (value)
        {
            case JsonObject fields when fields.ContainsKey(Directive):
                return null;
            case JsonObject fields:
                var kept = new JsonObject();
                foreach (var (name, field) in fields)
                {
                    var copy = field is null ? null : WithoutDirectives(field);
                    if (field is null || copy is not null)
                    {
                        kept[name] = copy;
                    }
                }

                return kept;
            case JsonArray items:
                var copies = new JsonArray();
                foreach (var item in items)
                {
                    var copy = item is null ? null : WithoutDirectives(item);
                    if (item is null || copy is not null)
                    {
                        copies.Add(copy);
                    }
                }

                return copies;
            default:
                return value.DeepClone();
        }
    }
}
