using System.Text.Json;
using Capstan;

namespace KubeTemplater.Admission;

/// <summary>Tells a change of what somebody wants from one of labels, annotations, finalizers, owners or status.</summary>
internal static class SpecChange
{
    private const int DeepestSpec = 1000;

    /// <summary>Whether an update leaves <c>spec</c> as it is, whatever the order of its fields.</summary>
    public static bool IsNone(AdmissionRequest request)
    {
        if (request is not { Operation: AdmissionOperation.Update, OldObject: { } old, Object: { } current })
        {
            return false;
        }

        var (before, after) = (SpecOf(old.Json), SpecOf(current.Json));
        return before.Span.SequenceEqual(after.Span) || (before.Length > 0 && after.Length > 0 && AreEqual(before, after));
    }

    private static bool AreEqual(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var options = new JsonDocumentOptions { MaxDepth = DeepestSpec };
        using var one = JsonDocument.Parse(before, options);
        using var other = JsonDocument.Parse(after, options);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
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
