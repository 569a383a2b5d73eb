using System.Globalization;
using System.Text;

namespace Capstan.Cel.Tests.Reference;

/// <summary>A value as a text that shows its kind and all of it; entries of maps are in the order of their UTF-8. The program that asks cel-go writes the same.</summary>
internal static class RefText
{
    public static string Show(RefValue value) => value switch
    {
        RefNull => "null",
        RefBool x => x.Value ? "true" : "false",
        RefInt x => x.Value.ToString(CultureInfo.InvariantCulture),
        RefUint x => x.Value.ToString(CultureInfo.InvariantCulture) + "u",
        RefDouble x => Double(x.Value),
        RefString x => Quote(x.Value),
        RefBytes x => $"b'{Convert.ToHexString(x.Value)}'",
        RefList x => $"[{string.Join(", ", x.Items.Select(Show))}]",
        RefMap x => $"{{{string.Join(", ", x.Entries.Select(e => $"{Show(e.Key)}: {Show(e.Value)}").OrderBy(Utf8, StringComparer.Ordinal))}}}",
        RefTimestamp x => Timestamp(x),
        RefDuration x => $"duration({x.Nanoseconds})",
        RefType x => $"type({x.Name})",
        RefOptional x => x.Value is null ? "none" : $"optional({Show(x.Value)})",
        _ => "error",
    };

    // The bits: every double has one text.
    private static string Double(double value) => double.IsNaN(value) ? "double(NaN)" : $"double({BitConverter.DoubleToInt64Bits(value):X16})";

    private static string Quote(string text) =>
        $"\"{string.Concat(text.Select(c => c < ' ' || c is '"' or '\\' ? $"\\u{(int)c:X4}" : c.ToString()))}\"";

    private static string Timestamp(RefTimestamp timestamp)
    {
        const long Second = 1_000_000_000;
        var nanoseconds = ((timestamp.Nanoseconds % Second) + Second) % Second;
        return $"timestamp({(timestamp.Nanoseconds - nanoseconds) / Second}.{(int)nanoseconds:D9})";
    }

    private static string Utf8(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}
