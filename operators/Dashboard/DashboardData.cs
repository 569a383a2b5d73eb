using Capstan.Dashboard.Metrics;
using Capstan.Dashboard.Trees;

namespace Capstan.Dashboard;

/// <summary>Everything that the page can ask for. Answers come from memory; only trees ask the API server, as the reader.</summary>
/// <param name="source">Who answers, for people.</param>
/// <param name="history">What the charts show; disposed with this.</param>
/// <param name="time">Clock.</param>
internal sealed class DashboardData(string source, MetricsHistory history, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private OverviewAnswer? _overview;
    private long _overviewAt;

    /// <summary>Templates, where they are known.</summary>
    public TemplatesView? Templates { get; init; }

    /// <summary>Policies, where they are known.</summary>
    public PoliciesView? Policies { get; init; }

    /// <summary>Databases, where they are known.</summary>
    public DatabasesView? Databases { get; init; }

    /// <summary>What the charts show.</summary>
    public MetricsHistory History => history;

    /// <summary>The first page; one answer serves all who ask within a second.</summary>
    public OverviewAnswer Overview()
    {
        lock (_gate)
        {
            if (_overview is null || time.GetElapsedTime(_overviewAt) >= Fresh)
            {
                _overview = new(source, time.GetUtcNow(), Templates?.Overview(), Policies?.Overview(), Databases?.Overview());
                _overviewAt = time.GetTimestamp();
            }

            return _overview;
        }
    }

    /// <summary>Objects by words of their names, or templates by phase.</summary>
    public SearchAnswer Search(string words, string? phase)
    {
        var parts = new List<(int Total, List<FoundAnswer> Found)>();
        lock (_gate)
        {
            if (Templates is not null)
            {
                parts.Add(Templates.Search(words, phase));
            }

            if (phase is null && Policies is not null)
            {
                parts.Add(Policies.Search(words));
            }

            if (phase is null && Databases is not null)
            {
                parts.Add(Databases.Search(words));
            }
        }

        // The few of another kind must not be behind the many templates.
        return new(parts.Sum(part => part.Total), [.. parts.OrderBy(part => part.Total).SelectMany(part => part.Found).Take(TemplatesView.Most)]);
    }

    /// <summary>One object with what is below it; null if there is none.</summary>
    public async Task<DetailAnswer?> DetailAsync(string kind, ObjectKey key, WorkloadTree tree, CancellationToken stop) => kind switch
    {
        "KubeTemplate" when Templates is not null => await Templates.DetailAsync(key, tree, stop),
        "KubeTemplatePolicy" => Policies?.Detail(key),
        "Database" when Databases is not null => await Databases.DetailAsync(key, tree, stop),
        "Backup" or "Restore" => Databases?.CopyDetail(kind, key),
        _ => null,
    };

    /// <inheritdoc/>
    public void Dispose() => history.Dispose();
}
