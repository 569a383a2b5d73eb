using System.Globalization;
using System.Text;

namespace Capstan.ApiServer.Http;

/// <summary>How often requests took how long, in the steps that Kubernetes counts in. Thread-safe.</summary>
internal sealed class DurationHistogram
{
    private static readonly double[] Steps =
        [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

    private readonly long[] _counts = new long[Steps.Length + 1];
    private long _ticks;

    public void Add(TimeSpan duration)
    {
        var step = Array.FindIndex(Steps, s => duration.TotalSeconds <= s);
        Interlocked.Increment(ref _counts[step < 0 ? Steps.Length : step]);
        Interlocked.Add(ref _ticks, duration.Ticks);
    }

    /// <summary>Writes the lines of one series.</summary>
    public void Write(StringBuilder text, string name, string labels)
    {
        long sum = 0;
        for (var i = 0; i <= Steps.Length; i++)
        {
            sum += Volatile.Read(ref _counts[i]);
            var step = i == Steps.Length ? "+Inf" : Steps[i].ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"{step}\"}} {sum}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{labels}}} {TimeSpan.FromTicks(Volatile.Read(ref _ticks)).TotalSeconds}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{{{labels}}} {sum}\n");
    }
}
