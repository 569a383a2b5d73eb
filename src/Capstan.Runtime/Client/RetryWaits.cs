using System.Net;

namespace Capstan.Client;

/// <summary>Which answers are worth another try, and how long to wait before it.</summary>
internal sealed class RetryWaits(KubeClientOptions options)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The server did nothing, and says when to come again.</summary>
    public static bool IsRefusal(ApiException error) =>
        error.RetryAfter is not null && error.Code is (int)HttpStatusCode.TooManyRequests or (int)HttpStatusCode.ServiceUnavailable;

    public TimeSpan AfterRefusal(ApiException error)
    {
        var asked = error.RetryAfter ?? ShortestWait;
        var wait = asked < options.MaxRetryAfter ? asked : options.MaxRetryAfter;

        // Clients that were refused together must not come back together.
        return (wait > ShortestWait ? wait : ShortestWait) * (1 + (0.1 * NextDouble()));
    }

    /// <summary>The connection broke, for the <paramref name="tries"/>th time in a row.</summary>
    public TimeSpan AfterBreak(int tries) => TimeSpan.FromMilliseconds(50) * tries * (1 + NextDouble());

    /// <summary>Another wrote the object first, for the <paramref name="tries"/>th time in a row: longer each time, and never in step with the other.</summary>
    public TimeSpan AfterConflict(int tries) => TimeSpan.FromMilliseconds(10) * Math.Pow(2, Math.Min(tries - 1, 8)) * (0.5 + NextDouble());

    private double NextDouble()
    {
        lock (options.Random)
        {
            return options.Random.NextDouble();
        }
    }
}
