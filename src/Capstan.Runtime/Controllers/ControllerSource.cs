using Capstan.Caching;
using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>Turns the changes of one informer into keys of one controller.</summary>
/// <param name="informer">Where the changes come from.</param>
/// <param name="map">Keys of a change, from the object before and now.</param>
/// <param name="filter">Whether a change counts; null: all do.</param>
internal sealed class ControllerSource(
    Informer informer, Func<DynamicObject?, DynamicObject?, IEnumerable<ObjectKey>> map, Func<DynamicObject?, DynamicObject?, bool>? filter)
{
    /// <summary>Of changes; what was there from the start is a <see cref="Priority.Resync"/>.</summary>
    public Priority Priority { get; init; } = Priority.UserChange;

    /// <summary>Whether an object concerns the key that it has, or its owner's, and no other: false where a mapping of the user's says which.</summary>
    public bool IsByOwnKey { get; init; }

    /// <summary>Whether the objects are those that the controller is for.</summary>
    public bool IsPrimary { get; init; }

    public Informer Informer => informer;

    /// <summary>The keys that an object concerns; none if the mapping throws.</summary>
    public IEnumerable<ObjectKey> KeysOf(DynamicObject value, string controller, ILogger logger)
    {
        try
        {
            return [.. map(null, value)];
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(logger, controller, value.ToString(), exception);
            return [];
        }
    }

    /// <summary>From now on changes reach the queue.</summary>
    /// <param name="queue">Gets the keys.</param>
    /// <param name="wants">Whether a key is for this replica; null: all are.</param>
    /// <param name="traces">Gets the events that ask for a run.</param>
    /// <param name="controller">Name, for logs.</param>
    /// <param name="logger">For what a filter or a mapping throws.</param>
    public void Attach(WorkQueue<ObjectKey> queue, Func<ObjectKey, bool>? wants, EventTraces traces, string controller, ILogger logger) => informer.AddHandler(change =>
    {
        try
        {
            if (!Passes(change, controller, logger))
            {
                return;
            }

            using var span = Tracing.Event(
                controller, informer.Type.Plural, change.Old is null ? "added" : change.New is null ? "deleted" : "updated", change.Latest.Key);
            var priority = change.IsInInitialList || change.IsResync ? Priority.Resync : Priority;
            foreach (var key in map(change.Old, change.New))
            {
                if (wants is null || wants(key))
                {
                    if (span is not null)
                    {
                        traces.Note(key, span);
                    }

                    queue.Add(key, priority);
                }
            }
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(logger, controller, change.Latest.ToString(), exception);
        }
    });

    private bool Passes(CacheChange change, string controller, ILogger logger)
    {
        try
        {
            return filter is null || filter(change.Old, change.New);
        }
        catch (Exception exception)
        {
            // One run too many is harmless, one too few is not.
            Log.HandlerFailed(logger, controller, change.Latest.ToString(), exception);
            return true;
        }
    }
}
