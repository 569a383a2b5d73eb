using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Reconciling;

/// <summary>Counts templates by phase, from an index of the cache: nothing is decoded for it but the phase itself, once for each change.</summary>
internal sealed class PhaseCount
{
    private const string Index = "status.processingPhase";
    private const string None = "New";
    private static readonly string[] _phases = [None, Phases.Queued, Phases.Processing, Phases.Completed, Phases.Failed, Phases.Paused];
    private readonly ObjectCache<DynamicObject> _templates;

    /// <summary>Reads from the informer's cache, and adds the index to it; so this comes before the informer starts.</summary>
    public PhaseCount(Informer templates)
    {
        templates.AddIndex(Index, template => [PhaseOf(template)]);
        _templates = templates.Cache;
    }

    /// <summary>Templates in each phase; <c>New</c> are those that have none.</summary>
    public IEnumerable<(string Phase, int Templates)> Now() => _phases.Select(phase => (phase, _templates.CountByIndex(Index, phase)));

    /// <summary>The phase; another one than the operator's own, which only a person could have written, counts as none.</summary>
    private static string PhaseOf(DynamicObject template) =>
        TemplateText.PhaseOf(template) is { } phase && _phases.Contains(phase, StringComparer.Ordinal) ? phase : None;
}
