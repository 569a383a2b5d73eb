using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Applying;

namespace KubeTemplater.Templating;

/// <summary>What the operator owns of a live object, as one hash: it changes when somebody takes, changes or removes any of it, and never for anything else.</summary>
/// <remarks>
/// <para>The server itself keeps the list of what we own, in <c>metadata.managedFields</c>. It knows by each kind's schema what the items of a list are known by, what is
/// owned only as a whole, and what a default is; guessing that from the manifest goes wrong. Whoever changes a field of ours takes it off our list, so the list tells
/// nearly everything. What it does not tell is an apply in our own name, late or by somebody else: so the time of our last apply that changed anything counts too, and
/// the values, as the server writes them.</para>
/// <para>Compare only hashes of what the server sent (answers, lists, events): what it normalises is then the same in all of them. What is left to others
/// (<c>ignoreFields</c>) is not on our list.</para>
/// </remarks>
internal static class OwnedPart
{
    // Items of one list of which values are compared. Each is searched for in the live list: without a bound, a long list would cost its length squared.
    private const int MostItems = 64;

    // Members inside members: below, the server's own list has to do.
    private const int MostLevels = 128;

    // As deep as the client reads.
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 1024 };

    [ThreadStatic]
    private static HashedText? _text;

    /// <summary>The hash of our part; the same for all objects of which we own nothing.</summary>
    /// <param name="live">The object as the server sent it, with <c>managedFields</c>.</param>
    /// <exception cref="JsonException">The object is nested more than 1024 levels deep.</exception>
    public static Fingerprint Of(DynamicObject live)
    {
        using var document = JsonDocument.Parse(live.Json, _deep);
        var root = document.RootElement;
        var text = _text ??= new();
        text.Begin();
        if (root.TryGetProperty("metadata"u8, out var metadata) && FindOurs(metadata) is { } ours)
        {
            text.Add(ours.TryGetProperty("time"u8, out var time) ? JsonMarshal.GetRawUtf8Value(time) : default);
            if (ours.TryGetProperty("fieldsV1"u8, out var fields))
            {
                // What a Secret gets as stringData is kept as data, and is nobody's there.
                var isSecret = live.ApiVersion == "v1" && live.Kind == "Secret";
                AddFields(text, fields, root, isSecret && root.TryGetProperty("data"u8, out var data) ? data : default, MostLevels);
            }
        }

        return text.End();
    }

    private static JsonElement? FindOurs(JsonElement metadata)
    {
        if (metadata.TryGetProperty("managedFields"u8, out var managed) && managed.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in managed.EnumerateArray())
            {
                if (Says(entry, "manager"u8, ObjectApplier.FieldManager) && Says(entry, "operation"u8, "Apply")
                    && (!entry.TryGetProperty("subresource"u8, out var subresource) || subresource.ValueEquals("")))
                {
                    return entry;
                }
            }
        }

        return null;

        static bool Says(JsonElement entry, ReadOnlySpan<byte> member, string value) =>
            entry.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);
    }

    /// <summary>Adds the fields that <paramref name="fields"/> names, with their values in <paramref name="live"/>.</summary>
    private static void AddFields(HashedText text, JsonElement fields, JsonElement live, JsonElement stringData, int levels)
    {
        var search = new FieldSearch(live, countsItems: levels > 0 && fields.GetPropertyCount() <= MostItems);
        foreach (var field in fields.EnumerateObject())
        {
            var isLeaf = field.Value.ValueKind != JsonValueKind.Object || field.Value.GetPropertyCount() == 0;
            var name = JsonMarshal.GetRawUtf8PropertyName(field);
            text.AddName(name);
            var value = search.Find(name);
            if (stringData.ValueKind == JsonValueKind.Object && name.SequenceEqual("f:stringData"u8))
            {
                value = stringData;
            }

            if (isLeaf || levels == 0)
            {
                text.Add(levels == 0 ? JsonMarshal.GetRawUtf8Value(field.Value) : Scalar(value));
                continue;
            }

            text.Open();
            AddFields(text, field.Value, value, default, levels - 1);
            text.Close();
        }
    }

    /// <summary>The value of a part that is a text, a number or a truth. Of other parts the list tells enough, and it alone knows what in them is ours: in an empty
    /// map others may have written, and one that is empty may have vanished.</summary>
    private static ReadOnlySpan<byte> Scalar(JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? JsonMarshal.GetRawUtf8Value(value) : default;
}
