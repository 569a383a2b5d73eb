using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Cel.Evaluation;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    // A JsonElement is a document and a place in it: 16 bytes that a value carries in its own two words, so that no box is needed.
    // Proven once: were the framework to lay it out otherwise, elements would be boxed.
    private static readonly bool FitsWords = Fits();

    /// <summary>The element that a lazy string, list or map lies in.</summary>
    internal JsonElement Json => _reference is JsonElement boxed ? boxed : Unsafe.BitCast<Words, JsonElement>(new(_reference, _bits));

    /// <summary>Is the list or map a JSON array or object that was not read yet, or the string a JSON string?</summary>
    internal bool IsJson => _reference is JsonDocument or JsonElement;

    /// <summary>An element as a value: integers written without <c>.</c> and <c>e</c> are int, other numbers double; nothing is copied.</summary>
    public static CelValue Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null: return Null;
            case JsonValueKind.True: return True;
            case JsonValueKind.False: return False;
            case JsonValueKind.Number: return JsonText.Number(element);
            case JsonValueKind.String: return Lazy(CelKind.String, element);
            case JsonValueKind.Array: return Lazy(CelKind.List, element);
            case JsonValueKind.Object: return Lazy(CelKind.Map, element);
            default: return default;
        }
    }

    /// <summary>The UTF-8 of a string in a document without escapes; false: take <see cref="String"/>.</summary>
    internal bool TryUtf8(out ReadOnlySpan<byte> text)
    {
        if (_reference is not string)
        {
            text = JsonMarshal.GetRawUtf8Value(Json)[1..^1];
            return !text.Contains((byte)'\\');
        }

        text = default;
        return false;
    }

    private static CelValue Lazy(CelKind kind, JsonElement element)
    {
        if (!FitsWords)
        {
            return new(kind, element, 0);
        }

        var words = Unsafe.BitCast<JsonElement, Words>(element);
        return new(kind, words.Reference, words.Bits);
    }

    private static bool Fits()
    {
        if (Unsafe.SizeOf<JsonElement>() != Unsafe.SizeOf<Words>())
        {
            return false;
        }

        using var document = JsonDocument.Parse("[1,2]");
        var second = document.RootElement[1];
        return Unsafe.BitCast<JsonElement, Words>(second).Reference is JsonDocument;
    }

    private readonly struct Words(object? reference, long bits)
    {
        public readonly object? Reference = reference;
        public readonly long Bits = bits;
    }
}
