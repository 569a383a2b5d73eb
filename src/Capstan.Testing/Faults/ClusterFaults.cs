using System.Collections.Concurrent;
using Capstan.ApiServer.Http;
using Capstan.Testing.Faults;
using Microsoft.AspNetCore.Http;

namespace Capstan.Testing;

/// <summary>What goes wrong in a <see cref="TestCluster"/>: nothing, until a test adds a fault.</summary>
/// <remarks>
/// Thread-safe. For each request the rules are asked in the order in which they were added. Delays and faults of the answer's body add up; the first
/// that refuses the request ends it. Chance comes from one seeded random, so that the same sequence of requests has the same faults.
/// <code>
/// cluster.Faults.Add(Fault.TooManyRequests().On("create", "configmaps").Times(3));
/// using var broken = cluster.Faults.Add(Fault.Reset().On("write").WithProbability(0.1));
/// </code>
/// </remarks>
public sealed class ClusterFaults
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly JumpingClock _clock;
    private readonly List<InjectedFault> _injected = [];
    private readonly ConcurrentDictionary<FaultedRequest, byte> _watches = new();
    private volatile FaultRule[] _rules = [];

    internal ClusterFaults(int seed, TimeProvider clock)
    {
        _random = new Random(seed);
        _clock = new JumpingClock(clock);
    }

    /// <summary>The rules that stand, in the order in which they are asked.</summary>
    public IReadOnlyList<FaultRule> Rules => [.. _rules];

    /// <summary>What was injected so far, oldest first.</summary>
    public IReadOnlyList<InjectedFault> Injected
    {
        get
        {
            lock (_lock)
            {
                return [.. _injected];
            }
        }
    }

    /// <summary>The server's clock.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>Adds a fault. It stands until the rule is disposed.</summary>
    public FaultRule Add(Fault fault)
    {
        var rule = new FaultRule(this, fault);
        lock (_lock)
        {
            _rules = [.. _rules, rule];
        }

        return rule;
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        foreach (var rule in _rules)
        {
            rule.Dispose();
        }
    }

    /// <summary>Breaks the watches that run now, without an end.</summary>
    /// <param name="resource">As <see cref="Fault.On"/> takes it; <c>*</c>, the default: all.</param>
    /// <returns>How many.</returns>
    public int DropWatches(string resource = "*")
    {
        var dropped = 0;
        foreach (var watch in _watches.Keys.Where(w => resource == "*" || resource == FaultScope.ResourceOf(w.Info)))
        {
            Record(Fault.DropWatch(), watch);
            watch.Http.Abort();
            dropped++;
        }

        return dropped;
    }

    /// <summary>Sets the server's clock forward, or back: the time of day alone, for timers it goes on as before.</summary>
    public void JumpClock(TimeSpan by) => _clock.Jump(by);

    internal void Remove(FaultRule rule)
    {
        lock (_lock)
        {
            _rules = [.. _rules.Where(r => r != rule)];
        }
    }

    /// <summary>Stands around the handling of every request.</summary>
    internal RequestDelegate Around(RequestDelegate handle) => async http =>
    {
        var rules = _rules;
        var watch = http.Request.QueryString.HasValue || http.Request.Path.Value!.Contains("/watch/", StringComparison.Ordinal);
        if (rules.Length == 0 && !watch)
        {
            await handle(http);
            return;
        }

        await using var request = new FaultedRequest(http, RequestInfo.Of(http.Request), _clock);
        foreach (var rule in Chosen(rules, request))
        {
            if (await rule.Fault.Action.BeginAsync(request, rule))
            {
                return;
            }
        }

        if (request.Info.Verb == "watch")
        {
            _watches[request] = 0;
        }

        try
        {
            await request.HandleAsync(handle);
        }
        finally
        {
            _watches.TryRemove(request, out _);
        }
    };

    private List<FaultRule> Chosen(FaultRule[] rules, FaultedRequest request)
    {
        var chosen = new List<FaultRule>();
        lock (_lock)
        {
            foreach (var rule in rules)
            {
                if (rule.Takes_NeedsLock(request.Info, request.UserAgent, _random))
                {
                    chosen.Add(rule);
                    Record(rule.Fault, request);
                    if (rule.Fault.Action.Refuses)
                    {
                        break;
                    }
                }
            }
        }

        return chosen;
    }

    private void Record(Fault fault, FaultedRequest request)
    {
        lock (_lock)
        {
            var info = request.Info;
            _injected.Add(new(fault, info.Verb, FaultScope.ResourceOf(info), info.Namespace, info.Name, request.UserAgent, _clock.GetUtcNow()));
        }
    }
}
