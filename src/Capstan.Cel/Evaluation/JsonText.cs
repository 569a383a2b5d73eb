using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Capstan.Cel.Evaluation;

/// <summary>Reads JSON that may be hostile: half surrogates and bytes that are no UTF-8 become U+FFFD and throw nothing.</summary>
internal static class JsonText
{
    public static string String(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element)[1..^1]);
        }
    }

    public static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    public static CelValue Number(JsonElement element)
    {
        if (JsonMarshal.GetRawUtf8Value(element).IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 && element.TryGetInt64(out var whole))
        {
            return CelValue.Of(whole);
        }

        return CelValue.Of(element.TryGetDouble(out var real)
            ? real
            : double.Parse(JsonMarshal.GetRawUtf8Value(element), NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    public static bool TryGet(JsonElement element, ReadOnlySpan<byte> name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            return TrySearch(element, Encoding.UTF8.GetString(name), out value);
        }
    }

    // A name that is no text must not hide the others.
    private static bool TrySearch(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        var found = false;
        foreach (var property in element.EnumerateObject())
        {
            if (Name(property) == name)
            {
                value = property.Value;
                found = true;
            }
        }

        return found;
    }
}
