using System.Collections.Concurrent;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>How far a run is.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RunProgress(Plan plan)
{
    private readonly ConcurrentDictionary<Manifest, Outcome> _outcomes = new(ReferenceEqualityComparer.Instance);

    // As most runs are: then nobody has to look through the outcomes.
    private volatile bool _isSmooth = true;

    /// <summary>Why entries failed, in their order.</summary>
    public IReadOnlyList<TemplateException> Failed => _isSmooth ? [] : [.. Known.Select(one => one.Outcome.Failure).OfType<TemplateException>()];

    /// <summary>What the run is to be resumed for, in words; null if for nothing.</summary>
    public string? Waiting => _isSmooth ? null : Known.FirstOrDefault(one => one.Outcome.Waits) is { Manifest: { } manifest, Outcome: { } outcome } ? $"{manifest}: {outcome.Message}" : null;

    private IEnumerable<(Manifest Manifest, Outcome Outcome)> Known => _outcomes.OrderBy(one => one.Key.Index).Select(one => (one.Key, one.Value));

    /// <summary>Notes what became of an entry.</summary>
    public void Note(Manifest manifest, Outcome outcome)
    {
        _outcomes[manifest] = outcome;
        if (outcome.Failure is not null || outcome.Waits)
        {
            _isSmooth = false;
        }
    }

    /// <summary>Whether everything that an entry depends on is there.</summary>
    public bool IsFree(Manifest manifest) => plan.NeedsOf(manifest).All(need => _outcomes.TryGetValue(need, out var outcome) && outcome.LetsOthersGo);

    /// <summary>What became of an entry; one that was not tried is blocked by what it waits for.</summary>
    public Outcome Of(Manifest manifest)
    {
        if (_outcomes.TryGetValue(manifest, out var outcome))
        {
            return outcome;
        }

        var inTheWay = plan.NeedsOf(manifest).FirstOrDefault(need => !_outcomes.TryGetValue(need, out var before) || !before.LetsOthersGo)
            ?? _outcomes.Where(one => one.Value.Failure is not null).OrderBy(one => one.Key.Index).Select(one => one.Key).FirstOrDefault();
        return Outcome.Blocked($"waits for {inTheWay}");
    }
}
