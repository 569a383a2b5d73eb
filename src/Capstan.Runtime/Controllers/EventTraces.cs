using System.Diagnostics;
using Capstan.Diagnostics;
using Capstan.Queueing;

namespace Capstan.Controllers;

/// <summary>Which events a key of one controller has waited for, so that the run which answers them stands below them in a trace. Empty while nobody listens. Thread-safe.</summary>
/// <remarks>The first event is the parent; those that came while the key waited are links. Bounded: of more keys or events than that, the later are not remembered.</remarks>
internal sealed class EventTraces(string controller)
{
    private const int MostKeys = 10_000;
    private const int MostLinks = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Trace> _waiting = [];

    /// <summary>Events that wait for their run.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>The event has asked for a run of the key. Called before the queue has the key: a worker may take it at once.</summary>
    public void Note(ObjectKey key, Activity seen)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out var trace))
            {
                if (_waiting.Count < MostKeys)
                {
                    _waiting.Add(key, new(seen.Context, seen.StartTimeUtc));
                }
            }
            else if (trace.Links.Count < MostLinks)
            {
                trace.Links.Add(new(seen.Context));
            }
        }
    }

    /// <summary>The key is let go without a run.</summary>
    public void Forget(ObjectKey key)
    {
        if (Tracing.IsOn)
        {
            Take(key);
        }
    }

    /// <summary>The span of a run, below the time in the queue, below the event; null when nobody listens.</summary>
    public Activity? Begin(ObjectKey key, ReconcileId id, Priority priority)
    {
        if (!Tracing.IsOn)
        {
            return null;
        }

        var trace = Take(key);
        return Begin(trace is null ? default : Waited(trace), trace?.Links, id)?.SetTag("k8s.object", key.ToString()).SetTag("capstan.priority", priority.ToString());
    }

    /// <summary>The span of a run of many keys, linked to the events of each; null when nobody listens.</summary>
    public Activity? Begin(IReadOnlyCollection<ObjectKey> keys, string group, ReconcileId id)
    {
        if (!Tracing.IsOn)
        {
            return null;
        }

        var links = keys.Select(Take).OfType<Trace>().Select(trace => new ActivityLink(Waited(trace))).ToList();
        return Begin(default, links, id)?.SetTag("capstan.batch.size", keys.Count).SetTag("capstan.batch.group", group);
    }

    private Activity? Begin(ActivityContext parent, IReadOnlyList<ActivityLink>? links, ReconcileId id) =>
        Tracing.Source.StartActivity("capstan.reconcile", ActivityKind.Internal, parent, null, links)?
            .SetTag("k8s.controller", controller).SetTag("capstan.reconcile_id", id.ToString());

    /// <summary>The time in the queue, as a span that ends now.</summary>
    private ActivityContext Waited(Trace trace)
    {
        using var queued = Tracing.Source.StartActivity("capstan.queue", ActivityKind.Internal, trace.First, null, trace.Links, trace.At);
        return queued?.SetTag("k8s.controller", controller).Context ?? trace.First;
    }

    private Trace? Take(ObjectKey key)
    {
        lock (_gate)
        {
            return _waiting.Remove(key, out var trace) ? trace : null;
        }
    }

    private sealed record Trace(ActivityContext First, DateTimeOffset At)
    {
        public List<ActivityLink> Links { get; } = [];
    }
}
