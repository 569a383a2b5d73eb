using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Node.Serving.Logs;

/// <summary>Which part of a log is wanted.</summary>
internal sealed record LogOptions
{
    public bool Follow { get; init; }

    /// <summary>Of the run before the latest.</summary>
    public bool Previous { get; init; }

    /// <summary>Each line behind its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Lines of this time and later; null: all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>This many at the end; null: all.</summary>
    public long? Tail { get; init; }

    /// <summary>At most this many bytes; null: any number.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Reads the query of a kubelet's <c>containerLogs</c>; null when it makes no sense.</summary>
    public static LogOptions? Parse(IQueryCollection query, DateTimeOffset now)
    {
        if (!TryNumber(query["tailLines"], 0, out var tail) || !TryNumber(query["limitBytes"], 1, out var limit) || !TryNumber(query["sinceSeconds"], 1, out var seconds))
        {
            return null;
        }

        DateTimeOffset? since = seconds is { } ago ? now.AddSeconds(-Math.Min(ago, 1e9)) : null;
        if (query["sinceTime"].ToString() is { Length: > 0 } time)
        {
            if (!DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at))
            {
                return null;
            }

            since = at;
        }

        return new() { Follow = Flag(query, "follow"), Previous = Flag(query, "previous"), Timestamps = Flag(query, "timestamps"), Since = since, Tail = tail, LimitBytes = limit };
    }

    private static bool Flag(IQueryCollection query, string name) => query.TryGetValue(name, out var value) && value.ToString() is not ("false" or "0");

    private static bool TryNumber(string? text, long least, out long? number)
    {
        number = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        number = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read) ? read : null;
        return number >= least;
    }
}
