using System.Text.Json;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Disruption;

/// <summary>Says in a budget's status how many of its pods may go now. The API server subtracts from it with each eviction that it lets happen.</summary>
/// <remarks>Only the version that was read is written: what the server let go in the meantime must not be forgotten.</remarks>
internal sealed class DisruptionReconciler(KubeClient client, Informer budgets, Informer pods, ControllerScales scales, ComponentEvents events) : Reconciler
{
    private static readonly WriteOptions StatusAsManager = new() { FieldManager = NamespaceController.Manager, Subresource = "status" };

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (budgets.CacheOf<PodDisruptionBudget>().Get(key) is not { } budget)
        {
            return ReconcileResult.Done;
        }

        var now = KubeTime.Truncate(client.Options.TimeProvider.GetUtcNow());
        DateTimeOffset? recheck = null;
        PodDisruptionBudgetStatus status;
        var failed = false;
        try
        {
            (status, recheck) = await CountAsync(budget, now, cancellationToken);
        }
        catch (Exception error) when (error is ScaleException or FormatException)
        {
            events.Warning(budget, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {error.Message}");
            status = BudgetMath.Failed(budget, error.Message, now);
            failed = true;
        }

        try
        {
            if (Text(status) != Text(budget.Status))
            {
                await client.UpdateAsync(budget with { Status = status }, StatusAsManager, cancellationToken);
            }
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }

        return failed ? ReconcileResult.Requeue : recheck is { } at ? ReconcileResult.After(at - now + TimeSpan.FromSeconds(1)) : ReconcileResult.Done;
    }

    private async Task<(PodDisruptionBudgetStatus Status, DateTimeOffset? Recheck)> CountAsync(PodDisruptionBudget budget, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var selected = budget.Spec.Selector is { } selector
            ? pods.CacheOf<Pod>().List(new ListQuery { Namespace = budget.Metadata.Namespace, LabelSelector = selector.Selector })
            : [];
        if (selected.Count == 0)
        {
            events.Normal(budget, "NoPods", "No matching pods found");
        }

        var (scale, unmanaged) = BudgetMath.NeedsScale(budget) ? await scales.CountAsync(selected, cancellationToken) : (0, []);
        if (unmanaged.Count > 0)
        {
            events.Warning(
                budget, "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {GoSelector(budget)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }

        return BudgetMath.Status(budget, selected, scale, now, pod => events.Warning(
            pod, "NotDeleted", $"Pod was expected by PDB {budget.Metadata.Namespace}/{budget.Metadata.Namespace} to be deleted but it wasn't"));
    }

    private static string GoSelector(PodDisruptionBudget budget)
    {
        var labels = budget.Spec.Selector!.Written["matchLabels"]?.AsObject().OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}: {label.Value},") ?? [];
        return $"&LabelSelector{{MatchLabels:map[string]string{{{string.Concat(labels)}}},MatchExpressions:[]LabelSelectorRequirement{{}},}}";
    }

    private static string Text(PodDisruptionBudgetStatus? status) => status is null ? "" : JsonSerializer.Serialize(status, KindsJson.Default.PodDisruptionBudgetStatus);
}
