using Capstan;
using Capstan.Caching;
using Capstan.Queueing;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>The safety net: looks at every template of this replica from time to time, in memory. Only objects of kinds that cannot be watched are read.</summary>
internal sealed class DriftSweep(
    ObjectCache<DynamicObject> templates, KeyOwnership ownership, DriftFinder finder, LiveObjects live, Flapping flapping, DriftRouting routing, TimeSpan period, TimeProvider time, Random random)
{
    // So many are looked at without a pause, and so that all pauses together make up a tenth of the period.
    private const int Slices = 20;

    /// <summary>Sweeps once in a period, up to a tenth later by chance, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(period * (0.9 + (0.1 * random.NextDouble())), time, cancellationToken);
            await SweepAsync(cancellationToken);
        }
    }

    /// <summary>Looks at every template.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        flapping.Sweep();
        var keys = templates.Keys;
        foreach (var slice in keys.Chunk(Math.Max(100, (keys.Count / Slices) + 1)))
        {
            foreach (var key in slice.Where(ownership.Has))
            {
                await LookAsync(key, cancellationToken);
            }

            await Task.Delay(period * (0.1 / Slices), time, cancellationToken);
        }
    }

    private async Task LookAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (templates.Get(key) is not { DeletionTimestamp: null } template || TemplateText.IsSuspended(template))
        {
            return;
        }

        var record = TemplateText.RecordOf(template);
        foreach (var made in record)
        {
            if (made is { Uid: not null, State: ResourceStates.Applied or ResourceStates.Ready })
            {
                await live.ReadAsync(made, cancellationToken);
            }
        }

        if (finder.Differs(record))
        {
            routing.Ask(key, Priority.Resync);
        }
    }
}
