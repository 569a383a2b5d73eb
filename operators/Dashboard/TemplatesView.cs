using Capstan.Caching;
using Capstan.Dashboard.Facts;
using Capstan.Dashboard.Trees;

namespace Capstan.Dashboard;

/// <summary>Templates as the page shows them: counts, and at most <see cref="Most"/> of anything.</summary>
internal sealed class TemplatesView
{
    /// <summary>Lines of a list.</summary>
    public const int Most = 50;

    // A template has 50 entries at most, by its webhook; its status also has those that are about to go.
    private const int MostResources = 200;

    // Each costs the API server two or three requests.
    private const int MostWorkloads = 10;

    private readonly DriftLog _drift = new();
    private readonly FactTable<TemplateFacts> _templates;
    private readonly TimeProvider _time;

    /// <summary>Reads from the informer, which need not have begun.</summary>
    public TemplatesView(Informer templates, TimeProvider time)
    {
        _time = time;
        _templates = new(templates, TemplateFacts.Read, _drift.Take);
    }

    /// <summary>What the first page has of templates.</summary>
    public TemplatesAnswer Overview()
    {
        var now = _time.GetUtcNow();
        var counts = TemplateFacts.Phases.ToDictionary(phase => phase, _ => 0, StringComparer.Ordinal);
        var (total, failing, slowest, drifted) = (0, new TopList<TemplateFacts>(Most), new TopList<TemplateFacts>(Most), new TopList<TemplateFacts>(Most));
        foreach (var one in _templates.All)
        {
            total++;
            counts[one.Phase]++;
            if (one.IsFailing)
            {
                failing.Add(one, one.ProcessedAt?.Ticks ?? 0);
            }
            else if (one.Took(now) is { } took)
            {
                slowest.Add(one, took.Ticks);
            }

            if (one.DriftAt is { } at)
            {
                drifted.Add(one, at.Ticks);
            }
        }

        return new(total, counts, Lines(failing.Take(), now), Lines(slowest.Take(), now), _drift.Newest(drifted.Take(), Most));
    }

    /// <summary>Templates whose name or namespace has the words, in one phase or in any.</summary>
    public (int Total, List<FoundAnswer> Found) Search(string words, string? phase)
    {
        var found = _templates.All.Where(one => (phase is null || one.Phase == phase) && Words.Match(one.Key, words)).ToList();
        return (found.Count, [.. found.OrderBy(one => one.Key).Take(Most).Select(one => new FoundAnswer("KubeTemplate", one.Key.Namespace, one.Key.Name, one.Phase))]);
    }

    /// <summary>A template with its objects, and what these own; null if there is none.</summary>
    public async Task<DetailAnswer?> DetailAsync(ObjectKey key, WorkloadTree tree, CancellationToken stop)
    {
        if (_templates.Cache.Get(key) is not { } template)
        {
            return null;
        }

        using var document = JsonFacts.Open(template);
        var root = document.RootElement;
        var (status, facts, conditions) = (root.At("status"), TemplateFacts.Read(template), root.Conditions());
        var nodes = new List<TreeNode>();
        foreach (var resource in status.Items("resources").Take(MostResources))
        {
            var (kind, group) = (resource.Text("kind") ?? "", resource.Text("group") ?? "");
            var target = new ObjectKey(resource.Text("namespace") ?? "", resource.Text("name") ?? "");
            var below = WorkloadTree.Has(group, kind) && nodes.Count(node => WorkloadTree.Has("apps", node.Kind) || WorkloadTree.Has("batch", node.Kind)) < MostWorkloads
                ? await tree.BelowAsync(kind, target, null, stop)
                : [];
            nodes.Add(new(kind, target.Namespace, target.Name) { State = resource.Text("state"), Message = resource.Text("message"), Children = below });
        }

        return new("KubeTemplate", key.Namespace, key.Name, facts.Phase)
        {
            Fields =
            [
                new("Status", status.Text("status")),
                new("Objects", nodes.Count > 0 || facts.Resources > 0 ? $"{facts.Synced} of {facts.Resources} as wanted" : null),
                new("Changed", null, facts.QueuedAt),
                new("Processed", null, facts.ProcessedAt),
                new("Failed attempts", facts.Retries > 0 ? $"{facts.Retries}" : null),
                new("Changed by others", facts.Drifts > 0 ? $"{facts.Drifts} times" : null),
                new("Last changed by others", null, facts.DriftAt),
                new("Paused because", status.Text("pausedReason")),
                new("Suspended", root.Flag("spec", "suspend") == true ? "yes" : null),
            ],
            Conditions = conditions,
            Tree = nodes,
        };
    }

    private List<TemplateAnswer> Lines(List<TemplateFacts> facts, DateTimeOffset now) => [.. facts.Select(one => Line(one, now))];

    private TemplateAnswer Line(TemplateFacts facts, DateTimeOffset now)
    {
        var line = new TemplateAnswer(facts.Key.Namespace, facts.Key.Name, facts.Phase, facts.Resources, facts.Synced)
        {
            At = facts.ProcessedAt,
            Took = facts.Took(now) is { } took ? Math.Round(took.TotalSeconds, 1) : null,
            Retries = facts.Retries,
            Drifts = facts.Drifts,
        };
        if (!facts.IsFailing || _templates.Cache.Get(facts.Key) is not { } template)
        {
            return line;
        }

        using var document = JsonFacts.Open(template);
        return line with
        {
            Reason = document.RootElement.Conditions().FirstOrDefault(one => one is { Type: "Ready", Status: not "True" })?.Reason,
            Message = document.RootElement.Text("status", "status"),
        };
    }
}
