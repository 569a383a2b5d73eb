using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>Durations as clients write them: <c>30s</c>, <c>1h15m</c>, <c>-1.5ms</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private static readonly string[] Units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];

    /// <summary>What is wrong with a duration, null when nothing is.</summary>
    public static string? FaultOf(string text)
    {
        var rest = text.AsSpan();
        if (rest is ['+' or '-', ..])
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return null;
        }

        if (rest.IsEmpty)
        {
            return Invalid(text);
        }

        while (!rest.IsEmpty)
        {
            var whole = Digits(ref rest);
            var fraction = 0;
            if (rest is ['.', ..])
            {
                rest = rest[1..];
                fraction = Digits(ref rest);
            }

            if (whole + fraction == 0)
            {
                return Invalid(text);
            }

            var end = rest.IndexOfAny("0123456789.");
            var unit = (end < 0 ? rest : rest[..end]).ToString();
            if (unit.Length == 0)
            {
                return $"time: missing unit in duration {GoFormat.Quote(text)}";
            }

            if (!Units.Contains(unit))
            {
                return $"time: unknown unit {GoFormat.Quote(unit)} in duration {GoFormat.Quote(text)}";
            }

            rest = rest[unit.Length..];
        }

        return null;
    }

    private static int Digits(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? rest.Length : end;
        rest = rest[count..];
        return count;
    }

    private static string Invalid(string text) => $"time: invalid duration {GoFormat.Quote(text)}";
}
