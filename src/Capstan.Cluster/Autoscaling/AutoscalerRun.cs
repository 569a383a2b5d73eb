using System.Text.Json;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Autoscaling;

/// <summary>One look at an autoscaler: how large its target is, what its metrics ask for, how much of that is allowed; the target is scaled, and the status says all of it.</summary>
internal sealed class AutoscalerRun(KubeClient client, Informer pods, MetricProposals proposals, ComponentEvents events, HorizontalPodAutoscaler autoscaler, ScalingHistory history, DateTimeOffset now)
{
    private static readonly WriteOptions AsManager = new() { FieldManager = NamespaceController.Manager };

    private readonly AutoscalerStatus _status = (autoscaler.Status ?? new()) with { Conditions = [.. autoscaler.Status?.Conditions ?? []] };

    /// <param name="claim">Tells which pods the autoscaler selects, and gets the keys of others that select some of them too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(Func<LabelSelector, IReadOnlyList<Pod>, IReadOnlyList<ObjectKey>> claim, CancellationToken cancellationToken)
    {
        var before = Text(autoscaler.Status);
        await ScaleAsync(claim, cancellationToken);
        if (Text(_status) != before)
        {
            await client.UpdateAsync(autoscaler with { Status = _status }, AsManager with { Subresource = "status" }, cancellationToken);
        }
    }

    private async Task ScaleAsync(Func<LabelSelector, IReadOnlyList<Pod>, IReadOnlyList<ObjectKey>> claim, CancellationToken cancellationToken)
    {
        // 1. The target.
        if (await FindScaleAsync(cancellationToken) is not var (type, scale))
        {
            return;
        }

        Set("AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var json = scale.ToJson();
        var current = (int?)json["spec"]?["replicas"] ?? 0;
        var (least, most) = (autoscaler.Spec.MinReplicas ?? 1, autoscaler.Spec.MaxReplicas);
        history.Begin(current, now);
        _status.CurrentReplicas = current;

        // 2. How large it should be.
        int desired;
        string why;
        if (current == 0)
        {
            Set("ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            (desired, why, _status.CurrentMetrics) = (0, "", null);
        }
        else if (current > most || current < least)
        {
            (desired, why) = current > most ? (most, "Current number of replicas above Spec.MaxReplicas") : (least, "Current number of replicas below Spec.MinReplicas");
            _status.CurrentMetrics = null;
        }
        else if (await ByMetricsAsync((string?)json["status"]?["selector"] ?? "", current, claim, cancellationToken) is var (proposed, reason))
        {
            (desired, why) = (proposed, reason);
        }
        else
        {
            return;
        }

        // 3. The target gets that size.
        if (desired != current && !await WriteScaleAsync(type, scale, current, desired, why, cancellationToken))
        {
            return;
        }

        _status.DesiredReplicas = desired;
    }

    private async Task<(ResourceType Type, DynamicObject Scale)?> FindScaleAsync(CancellationToken cancellationToken)
    {
        var target = autoscaler.Spec.ScaleTargetRef;
        var kind = GroupVersionKind.Parse(target.ApiVersion ?? "v1", target.Kind);
        string failure;
        try
        {
            if (await client.Discovery.FindAsync(kind, cancellationToken) is { } type)
            {
                return (type, await client.GetAsync(type, new ObjectKey(autoscaler.Metadata.Namespace!, target.Name), "scale", cancellationToken));
            }

            failure = $"no matches for kind \"{kind.Kind}\" in group \"{kind.Group}\"";
        }
        catch (ApiException error)
        {
            failure = error.Status.Message ?? error.Message;
        }

        events.Warning(autoscaler, "FailedGetScale", failure);
        Set("AbleToScale", "False", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {failure}");
        return null;
    }

    private async Task<(int Replicas, string Why)?> ByMetricsAsync(
        string written, int current, Func<LabelSelector, IReadOnlyList<Pod>, IReadOnlyList<ObjectKey>> claim, CancellationToken cancellationToken)
    {
        if (Select(written, claim) is not { } selected)
        {
            return null;
        }

        var result = await proposals.ReadAsync(autoscaler, current, written, selected, now, cancellationToken);
        _status.CurrentMetrics = result.Statuses;
        if (result.Replicas is not { } proposed)
        {
            Set("ScalingActive", "False", result.First!.Value.Reason, result.First.Value.Message);
            events.Warning(autoscaler, "FailedComputeMetricsReplicas", result.Error!);
            return null;
        }

        Set("ScalingActive", "True", "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {result.Metric}");
        var limited = ScalingLimits.Limit(autoscaler.Spec, history, current, proposed, now);
        Set("AbleToScale", "True", limited.AbleToScale.Reason, limited.AbleToScale.Message);
        Set("ScalingLimited", limited.Replicas == limited.Stabilized ? "False" : "True", limited.ScalingLimited.Reason, limited.ScalingLimited.Message);
        return (limited.Replicas, proposed > current ? $"{result.Metric} above target" : proposed < current ? "All metrics below target" : "");
    }

    private List<Pod>? Select(string written, Func<LabelSelector, IReadOnlyList<Pod>, IReadOnlyList<ObjectKey>> claim)
    {
        LabelSelector selector;
        try
        {
            selector = written.Length > 0 ? LabelSelector.Parse(written) : LabelSelector.Nothing;
        }
        catch (FormatException error)
        {
            return Refuse("InvalidSelector", "InvalidSelector", $"couldn't convert selector into a corresponding internal selector object: {error.Message}");
        }

        if (written.Length == 0)
        {
            events.Warning(autoscaler, "SelectorRequired", "selector is required");
            Set("ScalingActive", "False", "InvalidSelector", "the HPA target's scale is missing a selector");
            return null;
        }

        List<Pod> selected = [.. pods.CacheOf<Pod>().List(new ListQuery { Namespace = autoscaler.Metadata.Namespace, LabelSelector = selector })];
        var others = claim(selector, selected);
        return others.Count == 0
            ? selected
            : Refuse(
                "AmbiguousSelector", "AmbiguousSelector",
                $"pods by selector {written} are controlled by multiple HPAs: [{string.Join(' ', others.Append(autoscaler.Key).Select(key => $"{{{key.Name} {key.Namespace}}}").Order(StringComparer.Ordinal))}]");

        List<Pod>? Refuse(string reason, string condition, string message)
        {
            events.Warning(autoscaler, reason, message);
            Set("ScalingActive", "False", condition, message);
            return null;
        }
    }

    private async Task<bool> WriteScaleAsync(ResourceType type, DynamicObject scale, int current, int desired, string why, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var json = scale.ToJson();
            json["spec"]!["replicas"] = desired;
            try
            {
                await client.UpdateAsync(type, DynamicObject.From(json), AsManager with { Subresource = "scale" }, cancellationToken);
                break;
            }
            catch (ApiException error) when (error.IsConflict && tries < 5)
            {
                // Somebody changed it otherwise: the size that was found out still holds.
                scale = await client.GetAsync(type, scale.Key, "scale", cancellationToken);
            }
            catch (ApiException error)
            {
                events.Warning(autoscaler, "FailedRescale", $"New size: {desired}; reason: {why}; error: {error.Status.Message}");
                Set("AbleToScale", "False", "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {error.Status.Message}");
                return false;
            }
        }

        Set("AbleToScale", "True", "SucceededRescale", $"the HPA controller was able to update the target scale to {desired}");
        events.Normal(autoscaler, "SuccessfulRescale", $"New size: {desired}; reason: {why}");
        history.Scaled(desired - current, now);
        _status.LastScaleTime = KubeTime.Truncate(now);
        return true;
    }

    private void Set(string type, string status, string reason, string message)
    {
        var conditions = _status.Conditions!;
        var index = conditions.FindIndex(one => one.Type == type);
        var known = index < 0 ? null : conditions[index];
        var condition = new PodCondition
        {
            Type = type, Status = status, Reason = reason, Message = message, LastTransitionTime = known?.Status == status ? known.LastTransitionTime : KubeTime.Truncate(now),
        };
        if (index < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[index] = condition;
        }
    }

    private static string Text(AutoscalerStatus? status) => status is null ? "" : JsonSerializer.Serialize(status, KindsJson.Default.AutoscalerStatus);
}
