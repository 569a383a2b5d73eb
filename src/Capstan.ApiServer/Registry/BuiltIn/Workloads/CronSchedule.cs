using System.Globalization;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Says what is wrong with the schedule of a CronJob, in the words of the library that Kubernetes reads it with.</summary>
internal static partial class CronSchedule
{
    private static readonly Dictionary<string, int> Months = Names(1, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static readonly Dictionary<string, int> Days = Names(0, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

    // Minute, hour, day of the month, month, day of the week: least and most.
    private static readonly (int Least, int Most, Dictionary<string, int>? Names)[] Bounds = [(0, 59, null), (0, 23, null), (1, 31, null), (1, 12, Months), (0, 6, Days)];
    private static readonly HashSet<string> Descriptors = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

    /// <summary>What is wrong; null when nothing is.</summary>
    public static string? FaultOf(string schedule)
    {
        var text = schedule;
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var (space, equals) = (text.IndexOf(' ', StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
            if (space < 0)
            {
                return $"invalid schedule format: runtime error: slice bounds out of range [:{space}]";
            }

            var zone = text[(equals + 1)..space];
            if (ZoneFault(zone) is { } fault)
            {
                return $"provided bad location {zone}: {fault}";
            }

            text = text[space..].Trim();
        }

        return text.StartsWith('@') ? DescriptorFault(text) : FieldsFault(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>What is wrong with the name of a time zone; null when nothing is.</summary>
    public static string? ZoneFault(string zone) => zone is "" or "UTC" or "Local" || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId && found.Id == zone ? null : $"unknown time zone {zone}";

    private static string? DescriptorFault(string text)
    {
        const string every = "@every ";
        if (Descriptors.Contains(text))
        {
            return null;
        }

        if (!text.StartsWith(every, StringComparison.Ordinal))
        {
            return $"unrecognized descriptor: {text}";
        }

        var duration = text[every.Length..];
        return Duration().IsMatch(duration) ? null : $"failed to parse duration {text}: time: invalid duration {Schemas.GoFormat.Quote(duration)}";
    }

    private static string? FieldsFault(string[] fields) => fields.Length != Bounds.Length
        ? string.Create(CultureInfo.InvariantCulture, $"expected exactly {Bounds.Length} fields, found {fields.Length}: [{string.Join(' ', fields)}]")
        : fields.Select((f, i) => f.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => RangeFault(part, Bounds[i])).FirstOrDefault(f => f is not null)).FirstOrDefault(f => f is not null);

    private static string? RangeFault(string part, (int Least, int Most, Dictionary<string, int>? Names) bounds)
    {
        var (rangeAndStep, ends) = (part.Split('/'), part.Split('/')[0].Split('-'));
        var (start, end, step) = (bounds.Least, bounds.Most, 1);
        if (ends[0] is not ("*" or "?"))
        {
            if (NumberFault(ends[0], bounds.Names, out start) is { } fault)
            {
                return fault;
            }

            end = start;
            if (ends.Length > 2)
            {
                return $"too many hyphens: {part}";
            }

            if (ends.Length == 2 && NumberFault(ends[1], bounds.Names, out end) is { } endFault)
            {
                return endFault;
            }
        }

        if (rangeAndStep.Length > 2)
        {
            return $"too many slashes: {part}";
        }

        if (rangeAndStep.Length == 2)
        {
            if (NumberFault(rangeAndStep[1], null, out step) is { } fault)
            {
                return fault;
            }

            end = ends.Length == 1 ? bounds.Most : end;
        }

        return start < bounds.Least ? Invariant($"beginning of range ({start}) below minimum ({bounds.Least}): {part}")
            : end > bounds.Most ? Invariant($"end of range ({end}) above maximum ({bounds.Most}): {part}")
            : start > end ? Invariant($"beginning of range ({start}) beyond end of range ({end}): {part}")
            : step == 0 ? Invariant($"step of range should be a positive number: {part}")
            : null;
    }

    private static string? NumberFault(string text, Dictionary<string, int>? names, out int number)
    {
        number = 0;
        if (names?.TryGetValue(text.ToLowerInvariant(), out number) == true)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            var fault = text.Length > 0 && text.TrimStart('+', '-').All(char.IsAsciiDigit) && text.Any(char.IsAsciiDigit) ? "value out of range" : "invalid syntax";
            return $"failed to parse int from {text}: strconv.Atoi: parsing {Schemas.GoFormat.Quote(text)}: {fault}";
        }

        return number < 0 ? string.Create(CultureInfo.InvariantCulture, $"negative number ({number}) not allowed: {text}") : null;
    }

    [GeneratedRegex(@"^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex Duration();

    private static Dictionary<string, int> Names(int first, params string[] names) => names.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i + first);
}
