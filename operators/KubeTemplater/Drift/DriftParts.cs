using Capstan;
using Capstan.Caching;
using Capstan.Selectors;
using KubeTemplater.Applying;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Drift;

/// <summary>Puts together what finds drift: kinds in use → watches → routing → queue → <see cref="Desk"/>.</summary>
internal sealed class DriftParts
{
    private readonly LiveObjects _live;
    private readonly DriftSweep _sweep;
    private readonly DriftRouting _routing;

    /// <summary>Nothing is watched before <see cref="RunAsync"/>.</summary>
    public DriftParts(OperatorBuilder builder, Informer templates, ClaimBook claims, KubeTemplaterOptions options, ILogger logger, TimeProvider time)
    {
        var cache = templates.Cache;
        var (kinds, notes, awaited, flapping) = (new KindsInUse(), new DriftNotes(), new AwaitedObjects(), new Flapping(time));
        _routing = new(cache, claims, kinds, notes, awaited);
        DriftFinder? finder = null;
        var watched = new LiveObjectsOptions(
            Selector(options.WatchNamespaces),
            _routing.Take,
            kind => _routing.TakeAll(kind, finder!.Differs),
            (kind, live) => awaited.Contains(kind, live.Key));
        _live = new(builder.Client, kinds, watched, logger, time);
        finder = new(_live, flapping, notes);
        _sweep = new(cache, builder.Ownership, finder, _live, flapping, _routing, options.PeriodicReconcileInterval, time, new());
        Desk = new(finder, _live, flapping, notes, awaited, new(builder.Meter, _live, flapping), builder.Events, time);
        templates.AddHandler(kinds.Take);
        templates.AddHandler(change =>
        {
            if (change.New is null)
            {
                Desk.Forget(change.Key);
            }
        });
        builder.AddRunnable(RunAsync);
    }

    /// <summary>What a run asks and tells.</summary>
    public DriftDesk Desk { get; }

    /// <summary>Has the controller run the templates whose objects drifted.</summary>
    public void Attach(ControllerBuilder controller) => controller.TriggeredBy(_routing.Attach);

    /// <summary>Watches and sweeps until cancelled: where templates are worked on, once all are known.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_live.RunAsync(cancellationToken), _sweep.RunAsync(cancellationToken));

    private static LabelSelector Selector(IReadOnlyList<string> namespaces) => LabelSelector.Parse(
        namespaces.Count == 0 ? Tracking.NameLabel : $"{Tracking.NameLabel},{Tracking.NamespaceLabel} in ({string.Join(',', namespaces)})");
}
