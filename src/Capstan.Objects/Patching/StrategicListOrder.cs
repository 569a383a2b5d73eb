using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>The <c>$setElementOrder</c> directives of one object of a patch: each is merged together with its list, then both are gone from the patch.</summary>
internal static class StrategicListOrder
{
    public static void Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        foreach (var (directive, value) in patch.Where(field => field.Key.StartsWith(StrategicMergePatch.OrderPrefix, StringComparison.Ordinal)).ToList())
        {
            patch.Remove(directive);
            var order = List(value)!;
            var name = StrategicMergePatch.ListOf(directive, StrategicMergePatch.OrderPrefix);
            var existing = target.ContainsKey(name) ? List(target[name]) : null;
            var changes = patch.ContainsKey(name) ? List(patch[name]) : null;
            var field = StrategicMergePatch.Field(schema, name);
            CheckOrder(changes, order, field.PatchMergeKey);
            var merged = (existing, changes) switch
            {
                (null, null) => null,
                (not null, null) => existing,
                (null, not null) => (JsonArray)StrategicMergePatch.WithoutDirectives(changes)!,
                _ => StrategicList.Merge(existing, changes, field, isDeletion: false),
            };
            if (merged is not null)
            {
                var server = ServerOrder(existing ?? [], changes ?? [], field.PatchMergeKey);
                target[name] = StrategicList.Copies(new StrategicOrder(field.PatchMergeKey, server, [.. order]).Arrange([.. merged]));
                patch.Remove(name);
            }
        }
    }

    // Kubernetes deletes and appends in the stored list's own memory while it still takes that for the old order: after a deletion, new items count as old.
    private static List<JsonNode?> ServerOrder(JsonArray existing, JsonArray changes, string? key)
    {
        if (key is null)
        {
            return [.. existing];
        }

        var deleted = Keys(changes.Where(IsDirective), key);
        var kept = existing.Where(item => !deleted.Contains(GoFormat.Json(StrategicList.KeyOf(item, key)))).ToList();
        var known = Keys(kept, key);
        var added = changes.Where(change => !IsDirective(change) && !known.Contains(GoFormat.Json(StrategicList.KeyOf(change, key))));
        return [.. kept.Concat(added).Take(existing.Count)];
    }

    private static HashSet<string> Keys(IEnumerable<JsonNode?> items, string key) =>
        [.. items.Where(item => item is JsonObject fields && fields.ContainsKey(key)).Select(item => GoFormat.Json(StrategicList.KeyOf(item, key)))];

    private static bool IsDirective(JsonNode? item) => item is JsonObject fields && fields.ContainsKey(StrategicMergePatch.Directive);

    private static JsonArray List(JsonNode? value) =>
        value as JsonArray ?? throw new PatchException($"expected a []interface {{}}, but received a {GoFormat.TypeName(value)}");

    // What the patch changes must occur in the order in which it wants the list.
    private static void CheckOrder(JsonArray? changes, JsonArray order, string? key)
    {
        if (changes is not { Count: > 0 } || order.Count == 0)
        {
            return;
        }

        var at = 0;
        foreach (var change in changes.Where(change => !IsDirective(change)))
        {
            while (at < order.Count && !JsonNode.DeepEquals(Identity(change, key), Identity(order[at], key)))
            {
                at++;
            }

            if (at++ >= order.Count)
            {
                throw new PatchException(
                    $"The order in patch list:\n{GoFormat.Plain(changes)}\n doesn't match {StrategicMergePatch.OrderPrefix} list:\n{GoFormat.Plain(order)}\n");
            }
        }
    }

    private static JsonNode? Identity(JsonNode? item, string? key) => key is null ? item : StrategicList.KeyOf(item, key);
}
