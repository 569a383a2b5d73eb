using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Capstan.Applying;
using Capstan.Cluster.Cleanup;

namespace Capstan.Cluster.Events;

/// <summary>Tells people what the cluster's controllers do to objects, in core/v1 Events as kube-controller-manager writes them: each names its component, repetitions are counted.</summary>
/// <remarks>
/// <para>Recording never waits and never throws; events are dropped when more wait than the queue holds, and when an object has had too many (<see cref="EventLedger"/>).</para>
/// <para>Thread-safe. Written by one loop, <see cref="RunAsync"/>, which runs beside the controllers.</para>
/// </remarks>
internal sealed class ClusterEvents(KubeClient client)
{
    // Hundreds of pods start at once.
    private const int Capacity = 10_000;
    private const int MessageLength = 1024;

    private static readonly ResourceType Events = new("", "v1", "Event", "events", Namespaced: true);

    private readonly Channel<EventOccurrence> _waiting = Channel.CreateBounded<EventOccurrence>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly SimilarEvents _similar = new();
    private readonly EventLedger _ledger = new(client.Options.TimeProvider);

    /// <summary>What a controller records its events with.</summary>
    /// <param name="component">Its name in Kubernetes, for example <c>job-controller</c>.</param>
    /// <param name="manager">Field manager of the writes.</param>
    public ComponentEvents From(string component, string manager = NamespaceController.Manager) => new(this, component, manager);

    /// <param name="regarding">What it is about.</param>
    /// <param name="component">Who says so.</param>
    /// <param name="manager">Field manager of the write.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">Why, one word.</param>
    /// <param name="message">Sentence for people.</param>
    /// <param name="fieldPath">The part of the object that it is about; null: the whole.</param>
    /// <param name="host">The node that the component is of; null: none.</param>
    public void Record(ObjectReference regarding, string component, string manager, string type, string reason, string message, string? fieldPath = null, string? host = null)
    {
        // As client-go: one that is too long is cut, with an ellipsis.
        var cut = message.Length > MessageLength ? message[..(MessageLength - 4)] + " ..." : message;
        _waiting.Writer.TryWrite(new(regarding, component, manager, type, reason, cut, client.Options.TimeProvider.GetUtcNow()) { FieldPath = fieldPath, Host = host });
    }

    /// <summary>Writes what is recorded, until <paramref name="stop"/>; what waits then is dropped: the objects' end is near too.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await foreach (var recorded in _waiting.Reader.ReadAllAsync(stop))
        {
            var occurrence = _similar.Combine(recorded);
            if (_ledger.Enter(occurrence) is not { } entry)
            {
                continue;
            }

            try
            {
                await WriteAsync(entry, occurrence, stop);
            }
            catch (Exception error) when (error is ApiException or HttpRequestException or TimeoutException or JsonException)
            {
                // An event is a courtesy, and its namespace may be going.
            }
        }
    }

    private async Task WriteAsync(EventEntry entry, EventOccurrence occurrence, CancellationToken cancellationToken)
    {
        if (entry.Count > 1)
        {
            try
            {
                var counted = new JsonObject { ["count"] = entry.Count, ["lastTimestamp"] = KubeTime.Format(occurrence.At), ["message"] = occurrence.Message };
                await client.PatchAsync(
                    Events, entry.Key, PatchType.StrategicMerge, DynamicObject.From(counted).Json, new PatchOptions { FieldManager = occurrence.Manager }, cancellationToken);
                return;
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // Events expire, and the namespace's may have been deleted: it goes on in a new one.
                entry.Key = _ledger.NewKey(occurrence);
            }
        }

        await client.CreateAsync(Events, ToEvent(entry, occurrence), new WriteOptions { FieldManager = occurrence.Manager }, cancellationToken);
    }

    private static DynamicObject ToEvent(EventEntry entry, EventOccurrence occurrence)
    {
        var regarding = new JsonObject();
        foreach (var (name, value) in new[]
        {
            ("kind", occurrence.Regarding.Kind), ("namespace", occurrence.Regarding.Namespace), ("name", occurrence.Regarding.Name), ("uid", occurrence.Regarding.Uid),
            ("apiVersion", occurrence.Regarding.ApiVersion), ("resourceVersion", occurrence.Regarding.ResourceVersion), ("fieldPath", occurrence.FieldPath),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                regarding[name] = value;
            }
        }

        return DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = Events.ApiVersion,
            ["kind"] = Events.Kind,
            ["metadata"] = new JsonObject { ["name"] = entry.Key.Name, ["namespace"] = entry.Key.Namespace },
            ["involvedObject"] = regarding,
            ["reason"] = occurrence.Reason,
            ["message"] = occurrence.Message,
            ["source"] = occurrence.Host is { } host ? new JsonObject { ["component"] = occurrence.Component, ["host"] = host } : new JsonObject { ["component"] = occurrence.Component },
            ["firstTimestamp"] = KubeTime.Format(entry.FirstAt),
            ["lastTimestamp"] = KubeTime.Format(occurrence.At),
            ["count"] = entry.Count,
            ["type"] = occurrence.Type,
            ["reportingComponent"] = occurrence.IsCombined ? "" : occurrence.Component,
            ["reportingInstance"] = occurrence.Host ?? "",
        });
    }
}
