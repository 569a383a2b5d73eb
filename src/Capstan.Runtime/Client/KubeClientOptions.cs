namespace Capstan;

/// <summary>How a <see cref="KubeClient"/> speaks to its server.</summary>
public sealed record KubeClientOptions
{
    /// <summary>
    /// Name of the program, with or without <c>/VERSION</c>, for audit logs of the server; <c> (OS/ARCH) capstan/VERSION</c> is added. A text with a space is
    /// sent as it is. What stands before the slash is the field manager of writes that name none. Default: the program's name.
    /// </summary>
    public string? UserAgent { get; init; }

    /// <summary>Until a request that is no watch must be answered. Default 70 s: the server itself gives up after 60.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(70);

    /// <summary>
    /// Highest HTTP version to offer for requests of single objects. Default 2.0: measured against a real server it takes half of HTTP/1.1's processor time under load
    /// and one connection for all (bench/RESULTS-runtime.md), and dead connections are found by pings.
    /// </summary>
    public Version HttpVersion { get; init; } = System.Net.HttpVersion.Version20;

    /// <summary>Highest HTTP version to offer for lists. Default 1.1: measured, it takes two thirds of HTTP/2's processor time, and a long body holds up nothing else.</summary>
    public Version ListHttpVersion { get; init; } = System.Net.HttpVersion.Version11;

    /// <summary>Highest HTTP version to offer for watches, whose connections are their own. Default 2.0: a hundred share a connection, and pings find a dead one within 45 s.</summary>
    public Version WatchHttpVersion { get; init; } = System.Net.HttpVersion.Version20;

    /// <summary>Requests per second to hold back to, tries counted singly; null for none. Default null: the server's priority and fairness is the better judge.</summary>
    public double? QueriesPerSecond { get; init; }

    /// <summary>Requests that may go at once after a pause, under <see cref="QueriesPerSecond"/>. Default 10.</summary>
    public int Burst { get; init; } = 10;

    /// <summary>Tries of one request while the server answers 429 or 503 with <c>Retry-After</c>. Default 10; 1 never tries again.</summary>
    public int MaxTries { get; init; } = 10;

    /// <summary>Longest wait that a <c>Retry-After</c> is followed for. Default 30 s.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Objects per page of a list. Default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Called with each text of a <c>Warning</c> header. Default: nothing. Must be cheap and thread-safe.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Clock of timeouts, waits and credentials. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Chance for jitter. Default: seeded by the system. Used under a lock.</summary>
    public Random Random { get; init; } = new();
}
