using Capstan;
using Capstan.Caching;
using KubeTemplater.Policies;
using KubeTemplater.Reconciling;
using KubeTemplater.Recovery;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Applying;

/// <summary>Puts together what writes objects.</summary>
internal sealed class ApplyingParts
{
    /// <summary>Nothing is sent before <see cref="Run"/> or <see cref="Cleanup"/> is called.</summary>
    public ApplyingParts(
        KubeClient client,
        PolicyBook policies,
        TemplateJudge judge,
        ClaimBook claims,
        ObjectCache<DynamicObject> namespaces,
        EarlierWork earlier,
        WriteBudget budget,
        TemplateMetrics metrics,
        ILogger logger,
        TimeProvider time)
    {
        var actors = new Actors(client, policies, namespaces);
        var removal = new Removal(claims, budget);
        var ledger = new Ledger(client, budget);
        Run = new(new EntryRun(new ObjectApplier(budget, new Replacement(budget, logger), metrics, time), judge, earlier), removal, ledger, actors, claims);
        Cleanup = new(actors, removal, ledger);
    }

    /// <summary>Applies templates.</summary>
    public TemplateRun Run { get; }

    /// <summary>Deletes what templates made that are being deleted.</summary>
    public TemplateCleanup Cleanup { get; }
}
