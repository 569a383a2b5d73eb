using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Queueing;

namespace Capstan;

/// <summary>What a controller reconciles, what makes it run, and how. Set up once, in <see cref="OperatorBuilder.AddController"/>.</summary>
/// <remarks>Filters and mappings are called on the informer's thread, one change at a time: they must be cheap, and must not block. One that throws is logged,
/// and lets the object through (filters) or gives no keys (mappings).</remarks>
public sealed class ControllerBuilder
{
    private readonly List<ControllerSource> _sources = [];
    private readonly List<Action<Action<ObjectKey, Priority>>> _triggers = [];

    internal ControllerBuilder(string name) => Name = name;

    /// <summary>Name in logs and metrics.</summary>
    public string Name { get; }

    /// <summary>Runs at the same time, of different keys. Default 1.</summary>
    public int MaxConcurrentReconciles { get; set; } = 1;

    /// <summary>How long a run may take before its token is cancelled and it counts as failed. Default null: for ever.</summary>
    public TimeSpan? ReconcileTimeout { get; set; }

    /// <summary>Delay of a key after failures and <see cref="ReconcileResult.Requeue"/>. Default: 5 ms doubling to 1000 s.</summary>
    public RateLimiter RateLimiter { get; set; } = new ExponentialBackoff();

    /// <summary>Head start of a priority over the next lower one. Default 10 s.</summary>
    public TimeSpan AgeingStep { get; set; } = new WorkQueueOptions().AgeingStep;

    /// <summary>What is run for a key. The contract is that of <see cref="Capstan.Reconciler"/>.</summary>
    public Func<ObjectKey, CancellationToken, Task<ReconcileResult>>? Reconcile { get; set; }

    /// <summary>Whether the namespaces share the workers evenly, however many keys each has ready. Default false: first come, first served.</summary>
    public bool FairBetweenNamespaces { get; set; }

    /// <summary>All objects of the informers of <see cref="For(Informer, Func{DynamicObject?, DynamicObject?, bool}?)"/> are reconciled once in so long, whether or not something has changed:
    /// behind everything else that is ready, and spread by chance over a tenth of the time. Default null: never.</summary>
    public TimeSpan? ReconcilePeriod { get; set; }

    /// <summary>Runs work for many keys at once, beside the workers, such that no key is with both. Use it once the operator runs.</summary>
    public KeyedParallel Parallel { get; } = new();

    /// <summary>Reconciles several keys at once, instead of <see cref="Reconcile"/>. <see cref="MaxConcurrentReconciles"/> and <see cref="ReconcileTimeout"/> are then of batches.</summary>
    public BatchReconciler? BatchReconciler { get; set; }

    /// <summary>Sets <see cref="Reconcile"/> to a reconciler's method.</summary>
    public Reconciler Reconciler
    {
        set => Reconcile = value.ReconcileAsync;
    }

    internal IReadOnlyList<ControllerSource> Sources => _sources;

    internal IReadOnlyList<Action<Action<ObjectKey, Priority>>> Triggers => _triggers;

    /// <summary>Informers of the kinds that the controller is for.</summary>
    internal IReadOnlyList<Informer> Primaries => [.. _sources.Where(source => source.IsPrimary).Select(source => source.Informer).Distinct()];

    /// <summary>Runs for the objects of an informer.</summary>
    /// <param name="informer">The kind that the controller is for.</param>
    /// <param name="filter">Gets the object before (null: new) and now (null: gone); false means that the change needs no run. Default: every change does.</param>
    public void For<T>(Informer informer, Func<T?, T?, bool>? filter = null)
        where T : KubeObject, IKubeObject<T> =>
        For(informer, filter is null ? null : (old, now) => filter(old?.To<T>(), now?.To<T>()));

    /// <summary>Runs for the objects of an informer, which are not decoded.</summary>
    /// <param name="informer">The kind that the controller is for.</param>
    /// <param name="filter">Gets the object before (null: new) and now (null: gone); false means that the change needs no run. Default: every change does.</param>
    public void For(Informer informer, Func<DynamicObject?, DynamicObject?, bool>? filter = null) =>
        _sources.Add(new(informer, static (old, now) => [(now ?? old)!.Key], filter) { IsByOwnKey = true, IsPrimary = true });

    /// <summary>Runs for the controlling owners (<c>ownerReferences</c> with <c>controller: true</c>) of an informer's objects, those before and after the change.</summary>
    /// <param name="informer">The kind that is owned.</param>
    /// <param name="owner">The kind that the controller is for. Its version does not matter.</param>
    /// <param name="filter">Gets the object before (null: new) and now (null: gone); false means that the change needs no run. Default: every change does.</param>
    /// <param name="everyOwner">Also runs for owners that are not the controller. Default false.</param>
    public void Owns(Informer informer, ResourceType owner, Func<DynamicObject?, DynamicObject?, bool>? filter = null, bool everyOwner = false) =>
        _sources.Add(new(informer, (old, now) => OwnerKeys.Of(old, owner, everyOwner).Concat(OwnerKeys.Of(now, owner, everyOwner)), filter) { Priority = Priority.Drift, IsByOwnKey = true });

    /// <summary>Runs for the keys that a change of an informer's object concerns.</summary>
    /// <param name="informer">The kind to watch.</param>
    /// <param name="map">Gets the object before (null: new) and now (null: gone); must give the keys that either concerns. Doubles do no harm.</param>
    /// <param name="filter">Gets the object before and now; false means that the change needs no run. Default: every change does.</param>
    public void Watches<T>(Informer informer, Func<T?, T?, IEnumerable<ObjectKey>> map, Func<DynamicObject?, DynamicObject?, bool>? filter = null)
        where T : KubeObject, IKubeObject<T> =>
        Watches(informer, (old, now) => map(old?.To<T>(), now?.To<T>()), filter);

    /// <summary>Runs for the keys that a change of an informer's object concerns; the objects are not decoded.</summary>
    /// <param name="informer">The kind to watch.</param>
    /// <param name="map">Gets the object before (null: new) and now (null: gone); must give the keys that either concerns. Doubles do no harm.</param>
    /// <param name="filter">Gets the object before and now; false means that the change needs no run. Default: every change does.</param>
    public void Watches(
        Informer informer, Func<DynamicObject?, DynamicObject?, IEnumerable<ObjectKey>> map, Func<DynamicObject?, DynamicObject?, bool>? filter = null) =>
        _sources.Add(new(informer, map, filter));

    /// <summary>Runs for keys that come from elsewhere than an informer.</summary>
    /// <param name="attach">Called once, when the operator is built, with what asks for a run of a key; that may be called at any time from any thread, and never waits.</param>
    public void TriggeredBy(Action<Action<ObjectKey>> attach) => TriggeredBy((Action<ObjectKey, Priority> run) => attach(key => run(key, Priority.UserChange)));

    /// <summary>As the other, with the rank of each run among those that are ready.</summary>
    /// <param name="attach">Called once, as in the other.</param>
    public void TriggeredBy(Action<Action<ObjectKey, Priority>> attach) => _triggers.Add(attach);

    internal void Validate()
    {
        if ((Reconcile is null) == (BatchReconciler is null))
        {
            throw new ArgumentException(Reconcile is null
                ? $"controller {Name} has neither Reconcile nor Reconciler nor BatchReconciler"
                : $"controller {Name} has both Reconcile and BatchReconciler");
        }

        if (BatchReconciler is { MaxBatchSize: < 1 and var size })
        {
            throw new ArgumentException($"controller {Name}: MaxBatchSize is {size}, and must be 1 or more");
        }

        if (MaxConcurrentReconciles < 1)
        {
            throw new ArgumentException($"controller {Name}: MaxConcurrentReconciles is {MaxConcurrentReconciles}, and must be 1 or more");
        }

        if (ReconcileTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"controller {Name}: ReconcileTimeout is {ReconcileTimeout}, and must be positive");
        }

        if (ReconcilePeriod <= TimeSpan.Zero)
        {
            throw new ArgumentException($"controller {Name}: ReconcilePeriod is {ReconcilePeriod}, and must be positive");
        }
    }
}
