using System.Globalization;

namespace Capstan.Cluster.Workloads.Jobs.Cron;

/// <summary>One field of a schedule: which numbers it wants, and whether it wants all.</summary>
/// <param name="Bits">Bit n: the number n.</param>
/// <param name="IsStar">A star without a step: of the two fields for days it leaves the choice to the other.</param>
internal readonly record struct CronField(ulong Bits, bool IsStar)
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public bool Has(int number) => (Bits >> number & 1) != 0;

    public static CronField Minute(string text) => Parse(text, 0, 59, null);

    public static CronField Hour(string text) => Parse(text, 0, 23, null);

    public static CronField DayOfMonth(string text) => Parse(text, 1, 31, null);

    public static CronField Month(string text) => Parse(text, 1, 12, Months);

    public static CronField DayOfWeek(string text) => Parse(text, 0, 6, Days);

    private static CronField Parse(string text, int least, int most, string[]? names)
    {
        var (bits, isStar) = (0UL, false);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (range, star) = ParseRange(part, least, most, names);
            bits |= range;
            isStar |= star;
        }

        return new(bits, isStar);
    }

    private static (ulong Bits, bool IsStar) ParseRange(string text, int least, int most, string[]? names)
    {
        var stepped = text.Split('/');
        var limits = stepped[0].Split('-');
        if (stepped.Length > 2 || limits.Length > 2)
        {
            throw new FormatException($"too many {(stepped.Length > 2 ? "slashes" : "hyphens")}: {text}");
        }

        var isStar = limits[0] is "*" or "?";
        var first = isStar ? least : Number(limits[0], least, names);
        var last = isStar ? most : limits.Length > 1 ? Number(limits[1], least, names) : first;
        var step = stepped.Length > 1 ? Number(stepped[1], 0, null) : 1;
        if (stepped.Length > 1 && limits.Length == 1)
        {
            // From a number on, in steps.
            last = most;
        }

        if (first < least || last > most || first > last || step == 0)
        {
            throw new FormatException(
                step == 0 ? $"step of range should be a positive number: {text}"
                : first < least ? $"beginning of range ({first}) below minimum ({least}): {text}"
                : last > most ? $"end of range ({last}) above maximum ({most}): {text}"
                : $"beginning of range ({first}) beyond end of range ({last}): {text}");
        }

        var bits = 0UL;
        for (long number = first; number <= last; number += step)
        {
            bits |= 1UL << (int)number;
        }

        return (bits, isStar && step == 1);
    }

    private static int Number(string text, int firstName, string[]? names)
    {
        var named = names is null ? -1 : Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return named >= 0 ? named + firstName
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number >= 0 ? number : throw new FormatException($"negative number ({number}) not allowed: {text}")
                : throw new FormatException($"failed to parse int from {text}");
    }
}
