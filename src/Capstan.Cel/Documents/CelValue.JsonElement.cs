using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    /// <summary>
    /// An element as a value: integers written without <c>.</c> and <c>e</c> are int, other numbers double. The text of an array or object is copied
    /// and read again, so its document may be disposed of; where there are the bytes, a <see cref="CelDocument"/> is faster.
    /// </summary>
    /// <returns>The value; an error if it is nested deeper than <see cref="CelDocument.MaxDepth"/>.</returns>
    public static CelValue Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined => default,
        JsonValueKind.Null => Null,
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.String => Of(TextOf(element)),
        JsonValueKind.Number => NumberOf(element),
        _ => Copy(element),
    };

    // Half surrogates and bytes that are no UTF-8 become U+FFFD: the reader of the document let them pass.
    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return EscapedText.Decode(JsonMarshal.GetRawUtf8Value(element)[1..^1]);
        }
    }

    private static CelValue NumberOf(JsonElement element) =>
        JsonMarshal.GetRawUtf8Value(element).IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 && element.TryGetInt64(out var whole) ? Of(whole)
            : element.TryGetDouble(out var real) ? Of(real)
            : Copy(element);

    private static CelValue Copy(JsonElement element)
    {
        try
        {
            return Of(CelDocument.ParseLeniently(JsonMarshal.GetRawUtf8Value(element).ToArray()));
        }
        catch (CelDocumentException)
        {
            // The text may have comments and trailing commas, which were allowed where it was read.
            return Rewrite(element);
        }
    }

    private static CelValue Rewrite(JsonElement element)
    {
        try
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                element.WriteTo(writer);
            }

            return Of(CelDocument.ParseLeniently(buffer.WrittenMemory));
        }
        catch (Exception e) when (e is CelDocumentException or ArgumentException or InvalidOperationException)
        {
            return JsonNodeText.Unreadable(e);
        }
    }
}
