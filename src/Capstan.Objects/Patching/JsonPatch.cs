using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>JSON patch (RFC 6902) with the liberties that Kubernetes' API server takes: negative indexes count from the end, and <c>replace</c>
/// of a missing field adds it.</summary>
public static class JsonPatch
{
    /// <summary>Most operations that one patch may have; the API server answers more with 413.</summary>
    public const int MaxOperations = 10_000;

    // As kube-apiserver: a few "copy" operations may otherwise double a document until the memory is gone.
    private const long MaxCopiedCharacters = 3 * 1024 * 1024;

    /// <summary>The patched copy of <paramref name="document"/>. Neither argument is changed.</summary>
    /// <exception cref="PatchException">An operation is malformed, does not apply or its test fails: nothing is applied.</exception>
    public static JsonNode Apply(JsonNode document, JsonArray patch)
    {
        if (patch.Count > MaxOperations)
        {
            throw new PatchException($"The allowed maximum operations in a JSON patch is {MaxOperations}, got {patch.Count}");
        }

        var root = document.DeepClone();
        var copied = 0L;
        foreach (var item in patch)
        {
            var operation = item as JsonObject ?? throw new PatchException("operation is not an object");
            switch (Text(operation, "op"))
            {
                case "add":
                    Named(root, operation, place => Add(place, operation["value"]?.DeepClone()));
                    break;
                case "remove":
                    Named(root, operation, Remove);
                    break;
                case "replace":
                    root = Replace(root, operation);
                    break;
                case "move":
                    var from = Find(root, operation, "from");
                    var moved = from.Get();
                    Remove(from);
                    Add(Find(root, operation, "path"), moved);
                    break;
                case "copy":
                    var copy = Find(root, operation, "from").Get()?.DeepClone();
                    copied += copy?.ToJsonString().Length ?? 4;
                    if (copied > MaxCopiedCharacters)
                    {
                        throw new PatchException($"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {MaxCopiedCharacters}");
                    }

                    Add(Find(root, operation, "path"), copy);
                    break;
                case "test":
                    Test(root, operation);
                    break;
                case var other:
                    throw new PatchException($"Unexpected kind: {other ?? "unknown"}");
            }
        }

        return root;
    }

    // What goes wrong at a place that is there is told with the path.
    private static void Named(JsonNode root, JsonObject operation, Action<Place> change)
    {
        var place = Find(root, operation, "path");
        try
        {
            change(place);
        }
        catch (PatchException e)
        {
            throw new PatchException($"error in {Text(operation, "op")} for path: '{Text(operation, "path")}': {e.Message}");
        }
    }

    private static JsonNode Replace(JsonNode root, JsonObject operation)
    {
        var value = operation["value"]?.DeepClone();
        if (Text(operation, "path") is "")
        {
            return value is JsonObject or JsonArray ? value : throw new PatchException("replace operation value must be object or array");
        }

        var place = Find(root, operation, "path");
        if (place.Container is JsonArray array)
        {
            array[place.Index(array.Count)] = value;
        }
        else
        {
            place.Container.AsObject()[place.Key] = value;
        }

        return root;
    }

    private static void Test(JsonNode root, JsonObject operation)
    {
        var path = Text(operation, "path");
        var actual = path is "" ? root : Find(root, operation, "path").Get();
        if (!JsonNode.DeepEquals(actual, operation["value"]))
        {
            throw new PatchException($"testing value {path} failed: test failed");
        }
    }

    private static void Add(Place place, JsonNode? value)
    {
        if (place.Container is not JsonArray array)
        {
            place.Container.AsObject()[place.Key] = value;
        }
        else if (place.Key == "-")
        {
            array.Add(value);
        }
        else
        {
            // One place more than there are items: behind the last.
            array.Insert(place.Index(array.Count + 1), value);
        }
    }

    private static void Remove(Place place)
    {
        if (place.Container is JsonArray array)
        {
            array.RemoveAt(place.Index(array.Count));
        }
        else if (!place.Container.AsObject().Remove(place.Key))
        {
            throw new PatchException($"Unable to remove nonexistent key: {place.Key}: missing value");
        }
    }

    private static Place Find(JsonNode root, JsonObject operation, string member)
    {
        var pointer = Text(operation, member) ?? throw new PatchException($"operation missing {member} field: missing value");
        var keys = pointer.Split('/');
        if (keys.Length < 2)
        {
            throw Missing(operation, pointer);
        }

        var container = root;
        for (var i = 1; i < keys.Length - 1; i++)
        {
            container = container is JsonObject or JsonArray ? new Place(container, Unescape(keys[i])).Get() : null;
        }

        return container is JsonObject or JsonArray ? new(container, Unescape(keys[^1])) : throw Missing(operation, pointer);
    }

    private static PatchException Missing(JsonObject operation, string pointer) =>
        new($"{Text(operation, "op")} operation does not apply: doc is missing path: {(Text(operation, "op") is "add" or "remove" ? $"\"{pointer}\"" : pointer)}: missing value");

    private static string? Text(JsonObject operation, string member) => operation[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Unescape(string key) => key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    /// <summary>A field of an object or an item of an array, there or not.</summary>
    private readonly record struct Place(JsonNode Container, string Key)
    {
        public JsonNode? Get() => Container is JsonArray array ? array[Index(array.Count)] : Container.AsObject()[Key];

        public int Index(int count)
        {
            if (!int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            {
                throw new PatchException($"value was not a proper array index: '{Key}'");
            }

            var place = index < 0 ? index + count : index;
            return place >= 0 && place < count ? place : throw new PatchException($"Unable to access invalid index: {index}: invalid index referenced");
        }
    }
}
