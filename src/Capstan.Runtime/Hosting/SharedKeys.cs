using System.Diagnostics.Metrics;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Election;
using Capstan.Election.Sharding;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>Has the controllers of an operator work on this replica's keys, and the caches hold what belongs to these.</summary>
/// <remarks>When keys come: their objects are fetched, then they are owned, then they are enqueued. When keys go: no run of theirs starts, those under way end, their
/// objects are let go.</remarks>
internal sealed class SharedKeys
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(1);

    private readonly ShardLoop _loop;
    private readonly IReadOnlyList<Controller> _controllers;
    private readonly IReadOnlyList<Informer> _held;
    private readonly IReadOnlyList<Informer> _primary;
    private readonly KeyOwnership _ownership;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Counter<long> _moves;
    private readonly Signal _changed = new();
    private ShardView _view = ShardView.Empty;
    private bool _mustLetGo;

    public SharedKeys(ShardLoop loop, IReadOnlyList<Controller> controllers, bool holdOwnKeysOnly, KeyOwnership ownership, Meter meter, TimeProvider time, ILogger logger)
    {
        _loop = loop;
        _controllers = controllers;
        _ownership = ownership;
        _time = time;
        _logger = logger;
        var sources = controllers.SelectMany(controller => controller.Sources).ToList();
        _primary = [.. sources.Where(source => source.IsPrimary).Select(source => source.Informer).Distinct()];
        _held = !holdOwnKeysOnly ? [] : [.. sources.GroupBy(source => source.Informer).Where(all => all.All(source => source.IsByOwnKey)).Select(all => all.Key)];
        foreach (var controller in controllers)
        {
            controller.Admission = new(Wants, Begin);
        }

        loop.Changed += _changed.Set;
        meter.CreateObservableGauge("capstan_shard_owned_keys", CountOwned, null, "Objects that this replica's controllers are for and that are its own");
        _moves = meter.CreateCounter<long>("capstan_shard_moves_total", null, "Keys that came to this replica, and that went");
        _moves.Add(0, new KeyValuePair<string, object?>("direction", "in"));
        _moves.Add(0, new KeyValuePair<string, object?>("direction", "out"));
    }

    /// <summary>Whether a change of the key is this replica's to see to.</summary>
    public bool Wants(ObjectKey key) => _loop.Owns(ShardView.HashOf(key));

    /// <summary>Before the informers start: they need not list what is another's.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _loop.LookAsync(cancellationToken);
        Hold(_loop.Member.Wanted);
    }

    /// <summary>Once the informers are in sync: what was prepared for is there.</summary>
    public void Prepared() => _loop.Filled(_view);

    /// <summary>Follows what is owned, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var filling = Task.CompletedTask;
        while (true)
        {
            Tell(_loop.Member.TakeHistory());
            var wanted = _loop.Member.Wanted;
            if (!wanted.Equals(_view) || (_mustLetGo && !_loop.Member.Drains(_view)))
            {
                Hold(wanted);
            }

            if (_loop.Member.NeedsFill && filling.IsCompleted)
            {
                // Beside: other keys come and go meanwhile.
                await filling;
                filling = FillAsync(_view);
            }

            await _changed.WaitAsync(Long, _time, cancellationToken);
        }
    }

    private async Task FillAsync(ShardView view)
    {
        try
        {
            await Task.WhenAll(_held.Select(informer => informer.RefillAsync()));
        }
        catch (OperationCanceledException)
        {
            // The informers have stopped, and so does all else.
            return;
        }

        // Only what was listed for this view and no other in between: that one's keys are missing.
        if (view == _view)
        {
            _loop.Filled(view);
        }

        _changed.Set();
    }

    /// <summary>From now on the caches hold what belongs to this replica's keys in the view, and what runs under way read.</summary>
    private void Hold(ShardView view)
    {
        _view = view;
        var member = _loop.Member;
        _mustLetGo = member.Drains(view);
        foreach (var informer in _held)
        {
            var sources = _controllers.SelectMany(controller => controller.Sources, (controller, source) => (controller.Name, Source: source)).Where(one => one.Source.Informer == informer).ToList();
            informer.Hold(value => sources.Any(one => one.Source.KeysOf(value, one.Name, _logger).Any(key => IsNeeded(ShardView.HashOf(key)))));
        }

        bool IsNeeded(ulong key) => view.OwnerOf(key) == member.Name || member.HasRun(key);
    }

    /// <summary>Has the keys reconciled that were not owned at every moment: nobody may have seen their changes then.</summary>
    private void Tell(IReadOnlyList<ShardOwnership> history)
    {
        if (history.Count < 2)
        {
            return;
        }

        var (first, last) = (history[0], history[^1]);
        var (gained, lost) = (0, 0);
        foreach (var key in _primary.SelectMany(informer => informer.Keys).Select(ShardView.HashOf))
        {
            var (had, has) = (first.Has(key), last.Has(key));
            gained += has && !had ? 1 : 0;
            lost += had && !has ? 1 : 0;
        }

        foreach (var controller in _controllers)
        {
            controller.Enqueue(key => ShardView.HashOf(key) is var hash && last.Has(hash) && history.Any(one => !one.Has(hash)));
        }

        _ownership.Tell();
        if (gained + lost > 0)
        {
            _moves.Add(gained, new KeyValuePair<string, object?>("direction", "in"));
            _moves.Add(lost, new KeyValuePair<string, object?>("direction", "out"));
            Log.KeysMoved(_logger, gained, lost);
        }
    }

    private int CountOwned() => _loop.IsMember ? _primary.SelectMany(informer => informer.Keys).Count(Wants) : 0;

    private WorkPermit? Begin(ObjectKey key) => _loop.Begin(ShardView.HashOf(key)) is { } run ? new(run.Lost, run.Ended) : null;
}
