using System.Globalization;

namespace Capstan.Webhooks;

/// <summary>How long an API server waits for a webhook, as it says in the query (<c>timeout=10s</c>, a duration in Go's form).</summary>
internal static class WebhookTimeout
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(10);

    /// <summary>What <c>timeoutSeconds</c> may be at most.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>How long to work on an answer: a little less than the API server waits, so that it still hears why there is none.</summary>
    public static TimeSpan PatienceOf(TimeSpan timeout) => timeout - TimeSpan.FromTicks(Math.Min(timeout.Ticks / 10, TimeSpan.TicksPerSecond / 2));

    /// <summary>The duration: at most <see cref="Most"/>, and <see cref="Default"/> for what says nothing or makes no sense.</summary>
    public static TimeSpan Read(string? text)
    {
        var total = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9') is var end && end >= 0 && rest[end] == '.'
                ? end + 1 + Math.Max(0, rest[(end + 1)..].IndexOfAnyExceptInRange('0', '9'))
                : end;
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return Default;
            }

            rest = rest[digits..];
            var (unit, length) = Unit(rest);
            if (length == 0 || number > 1e9)
            {
                return Default;
            }

            total += unit * Math.Min(number, Most / unit);
            rest = rest[length..];
        }

        return total <= TimeSpan.Zero ? Default : total < Most ? total : Most;
    }

    private static (TimeSpan Unit, int Length) Unit(ReadOnlySpan<char> text) =>
        text.StartsWith("ms", StringComparison.Ordinal) ? (TimeSpan.FromMilliseconds(1), 2)
        : text.StartsWith("us", StringComparison.Ordinal) || text.StartsWith("µs", StringComparison.Ordinal) ? (TimeSpan.FromMicroseconds(1), 2)
        : text.StartsWith("s", StringComparison.Ordinal) ? (TimeSpan.FromSeconds(1), 1)
        : text.StartsWith("m", StringComparison.Ordinal) ? (TimeSpan.FromMinutes(1), 1)
        : text.StartsWith("h", StringComparison.Ordinal) ? (TimeSpan.FromHours(1), 1)
        : default;
}
