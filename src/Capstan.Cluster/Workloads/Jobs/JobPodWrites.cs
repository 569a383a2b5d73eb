using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Makes the pods of Jobs, and lets go of those that are counted.</summary>
internal sealed class JobPodWrites(KubeClient client, PodWrites writes)
{
    private const int GeneratedNameLength = 58;
    private const string IndexVariable = "JOB_COMPLETION_INDEX";

    private static readonly PatchOptions Patches = new() { FieldManager = NamespaceController.Manager };

    private static readonly byte[] WithoutFinalizer =
        DynamicObject.From(new JsonObject { ["metadata"] = new JsonObject { ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JobPods.Finalizer) } }).Json.ToArray();

    /// <summary>Makes a pod that stays, once it has ended, until it is counted.</summary>
    /// <param name="job">The owner.</param>
    /// <param name="reference">To it.</param>
    /// <param name="index">Which part of an indexed Job it is for.</param>
    /// <param name="predecessor">The failed pod of that index, whose failures it inherits.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task CreateAsync(Job job, OwnerReference reference, int? index, Pod? predecessor, CancellationToken cancellationToken)
    {
        var template = Copy(job.Spec.Template);
        var metadata = template.Metadata;
        if (metadata.Finalizers?.Contains(JobPods.Finalizer) != true)
        {
            metadata.Finalizers = [.. metadata.Finalizers ?? [], JobPods.Finalizer];
        }

        if (index is not { } number)
        {
            return writes.CreateAsync(job, template, reference, cancellationToken);
        }

        var text = number.ToString(CultureInfo.InvariantCulture);
        foreach (var container in (template.Spec.InitContainers ?? []).Concat(template.Spec.Containers))
        {
            AddIndex(container);
        }

        (metadata.Annotations ??= [])[JobPods.CompletionIndex] = text;
        (metadata.Labels ??= [])[JobPods.CompletionIndex] = text;
        template.Spec.Hostname = $"{job.Metadata.Name}-{text}";
        if (job.Spec.BackoffLimitPerIndex is not null)
        {
            AddFailures(job, metadata.Annotations, predecessor);
        }

        var suffix = $"-{text}-";
        var prefix = job.Metadata.Name + suffix;
        return writes.CreateAsync(
            job, template, reference, cancellationToken, prefix.Length > GeneratedNameLength ? prefix[..(GeneratedNameLength - suffix.Length)] + suffix : prefix);
    }

    /// <summary>Takes the finalizer from a pod whose end is in the Job's status.</summary>
    /// <returns>False if it could not be done now.</returns>
    public async Task<bool> ReleaseAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (!JobPods.IsTracked(pod))
        {
            return true;
        }

        try
        {
            await client.PatchAsync(Pod.Resource, pod.Key, PatchType.StrategicMerge, WithoutFinalizer, Patches, cancellationToken);
            return true;
        }
        catch (ApiException error)
        {
            return error.IsNotFound;
        }
    }

    private static void AddIndex(Container container)
    {
        var variables = container.Env ??= [];
        if (!variables.Exists(static variable => variable.Name == IndexVariable))
        {
            variables.Add(new() { Name = IndexVariable, ValueFrom = new() { FieldRef = new() { FieldPath = $"metadata.labels['{JobPods.CompletionIndex}']" } } });
        }
    }

    private static void AddFailures(Job job, Dictionary<string, string> annotations, Pod? predecessor)
    {
        var (counted, ignored) = (0, 0);
        if (predecessor is not null)
        {
            (counted, ignored) = (JobPods.Count(predecessor, JobPods.FailureCount), JobPods.Count(predecessor, JobPods.IgnoredFailureCount));
            _ = FailurePolicies.Judge(job.Spec.PodFailurePolicy, predecessor).Counts ? counted++ : ignored++;
        }

        annotations[JobPods.FailureCount] = counted.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0)
        {
            annotations[JobPods.IgnoredFailureCount] = ignored.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static PodTemplate Copy(PodTemplate template) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(template, KindsJson.Default.PodTemplate), KindsJson.Default.PodTemplate)!;
}
