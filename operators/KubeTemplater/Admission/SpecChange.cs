using System.Text.Json;
using Capstan;

namespace KubeTemplater.Admission;

/// <summary>Tells a change of what somebody wants from one of labels, annotations, finalizers, owners or status.</summary>
internal static class SpecChange
{
    private const int DeepestSpec = 1000;

    /// <summary>Whether an update leaves <c>spec</c> as it is, whatever the order of its fields.</summary>
    /// <param name="request">The update.</param>
    /// <param name="besides">A member of <c>spec</c> that may change; none if empty.</param>
    public static bool IsNone(AdmissionRequest request, ReadOnlySpan<byte> besides = default)
    {
        if (request is not { Operation: AdmissionOperation.Update, OldObject: { } old, Object: { } current })
        {
            return false;
        }

        var (before, after) = (SpecOf(old.Json), SpecOf(current.Json));
        return before.Span.SequenceEqual(after.Span) || (before.Length > 0 && after.Length > 0 && AreEqual(before, after, besides));
    }

    private static bool AreEqual(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, ReadOnlySpan<byte> besides)
    {
        var options = new JsonDocumentOptions { MaxDepth = DeepestSpec };
        using var one = JsonDocument.Parse(before, options);
        using var other = JsonDocument.Parse(after, options);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement)
            || (besides.Length > 0 && Has(other.RootElement, one.RootElement, besides) && Has(one.RootElement, other.RootElement, besides));
    }

    /// <summary>Whether an object has each member of another with the same value, but for one member.</summary>
    private static bool Has(JsonElement spec, JsonElement members, ReadOnlySpan<byte> besides)
    {
        if (spec.ValueKind != JsonValueKind.Object || members.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var member in members.EnumerateObject())
        {
            if (!member.NameEquals(besides) && !(spec.TryGetProperty(member.Name, out var value) && JsonElement.DeepEquals(value, member.Value)))
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlyMemory<byte> SpecOf(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = DeepestSpec });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("spec"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return default;
    }
}
