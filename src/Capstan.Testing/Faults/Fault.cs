using Capstan.Testing.Faults;

namespace Capstan.Testing;

/// <summary>Something that goes wrong between the API server and its clients, and for which requests. Immutable: each method answers another fault.</summary>
/// <remarks>Without <see cref="On"/> and the like a fault is for every request about a resource, without <see cref="Times"/> for as long as its rule stands.
/// The faults of watches are for watches only.</remarks>
public sealed record Fault
{
    private Fault(string text, FaultAction action, bool watchesOnly = false)
    {
        Text = text;
        Action = action;
        Scope = new FaultScope { WatchesOnly = watchesOnly };
    }

    internal string Text { get; }

    internal FaultAction Action { get; }

    internal FaultScope Scope { get; private init; }

    /// <summary>The request is refused with 429, and a <c>Retry-After</c> header.</summary>
    /// <param name="retryAfter">Whole seconds to wait; null, the default: 1.</param>
    public static Fault TooManyRequests(TimeSpan? retryAfter = null) =>
        Error(429, StatusReasons.TooManyRequests, "Too many requests, please try again later.", retryAfter ?? TimeSpan.FromSeconds(1));

    /// <summary>The request is refused with 500 and does nothing.</summary>
    public static Fault InternalError(string message = "Internal error occurred: injected fault") => Error(500, StatusReasons.InternalError, message);

    /// <summary>The request is refused with 503 and does nothing.</summary>
    /// <param name="retryAfter">Whole seconds to wait; null, the default: no <c>Retry-After</c> header.</param>
    public static Fault Unavailable(TimeSpan? retryAfter = null) =>
        Error(503, StatusReasons.ServiceUnavailable, "apiserver is shutting down", retryAfter);

    /// <summary>The request is refused with 409, as if somebody else had written meanwhile.</summary>
    public static Fault Conflict() =>
        Error(409, StatusReasons.Conflict, "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>The version that is asked for is gone: a list is refused with 410, a watch is told so by an <c>ERROR</c> event and ends.</summary>
    /// <remarks>For all resources at once, and as a real server does it: <see cref="TestCluster.Compact"/>.</remarks>
    public static Fault Expired() => new("410", new ExpiredFault());

    /// <summary>The request is refused with a Status of one's own and does nothing.</summary>
    /// <param name="code">HTTP code, of 400 to 599.</param>
    /// <param name="reason">One of <see cref="StatusReasons"/>, or any other word.</param>
    /// <param name="message">For people.</param>
    /// <param name="retryAfter">Whole seconds of a <c>Retry-After</c> header; null: none.</param>
    public static Fault Error(int code, string reason, string message, TimeSpan? retryAfter = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        return new($"{code}", new AnswerFault(code, reason, message, retryAfter));
    }

    /// <summary>The request waits, by the clock of the server, before anything is done.</summary>
    public static Fault Delay(TimeSpan delay) => new("delay", new DelayFault(delay));

    /// <summary>The request is handled, and the connection is reset once so many bytes of the answer's body were sent. With 0 the answer is lost: a write has happened,
    /// and its client does not learn it. Over HTTP/2 the other requests of the connection go with it.</summary>
    public static Fault Reset(int afterBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterBytes);
        return new("reset", new ResetFault(afterBytes));
    }

    /// <summary>A get or list is answered as it was so many revisions ago (as far as the server still knows), but never older than the version that is asked for.
    /// A watch is told of each event only when so many later ones have come, or when the rule is removed.</summary>
    public static Fault Stale(int revisions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revisions, 1);
        return new("stale", new StaleFault(revisions));
    }

    /// <summary>A watch breaks off after so many events, without an end: the last one may be cut.</summary>
    public static Fault DropWatch(int afterEvents = 0) => Watch("drop watch", new DropWatchFault(afterEvents), afterEvents);

    /// <summary>A watch ends in good order after so many events, as when its time is up.</summary>
    public static Fault EndWatch(int afterEvents = 0) => Watch("end watch", new EndWatchFault(afterEvents), afterEvents);

    /// <summary>Each event of a watch is sent in two pieces.</summary>
    /// <param name="at">Bytes of the first piece; an event that is not longer is sent whole.</param>
    /// <param name="pause">Between the pieces, by the clock of the server; null, the default: none but what the network makes.</param>
    public static Fault SplitEvents(int at, TimeSpan? pause = null) => Watch("split event", new SplitEventsFault(at, pause ?? TimeSpan.Zero), at);

    /// <summary>Only for requests with one of these verbs.</summary>
    /// <param name="verbs">Kubernetes' verbs, with commas between; <c>read</c> is get, list and watch, <c>write</c> everything else, <c>*</c> all.</param>
    /// <param name="resource">Plural, with group if it has one and subresource if that is meant: <c>configmaps</c>, <c>deployments.apps</c>, <c>pods/status</c>; <c>*</c> all.</param>
    public Fault On(string verbs, string resource = "*") => this with { Scope = Scope with { Verbs = verbs.Split(',', StringSplitOptions.TrimEntries), Resource = resource } };

    /// <summary>Only for requests about one namespace.</summary>
    public Fault In(string @namespace) => this with { Scope = Scope with { Namespace = @namespace } };

    /// <summary>Only for requests about one object, by the name in the path.</summary>
    public Fault Named(string name) => this with { Scope = Scope with { Name = name } };

    /// <summary>Only for clients whose user agent begins so.</summary>
    public Fault From(string userAgent) => this with { Scope = Scope with { UserAgent = userAgent } };

    /// <summary>Not for the first <paramref name="count"/> requests that it would be for.</summary>
    public Fault Skip(int count) => this with { Scope = Scope with { Skip = count } };

    /// <summary>For so many requests, and then no more.</summary>
    public Fault Times(int count) => this with { Scope = Scope with { Times = count } };

    /// <summary>For the nth request alone, counted from 1.</summary>
    public Fault Nth(int n) => Skip(n - 1).Times(1);

    /// <summary>For each request with this probability, by the cluster's own seeded random: <see cref="TestClusterOptions.FaultSeed"/>.</summary>
    /// <param name="probability">From 0 to 1.</param>
    public Fault WithProbability(double probability) => this with { Scope = Scope with { Probability = probability } };

    /// <summary>What it is, and for what.</summary>
    public override string ToString() => $"{Text} on {Scope}";

    private static Fault Watch(string text, FaultAction action, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(text, action, watchesOnly: true);
    }
}
