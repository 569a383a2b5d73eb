using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>A Deployment and its sets during one look, and the writes that the steps of a rollout are made of. What is written is what the next step sees.</summary>
internal sealed class DeploymentRun(
    KubeClient client, ComponentEvents events, Deployment deployment, IEnumerable<ReplicaSet> sets, OwnerReference reference, CancellationToken cancellationToken)
{
    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };
    private static readonly WriteOptions StatusWrites = Writes with { Subresource = "status" };

    // The oldest first, by name if of one second.
    private readonly List<ReplicaSet> _sets = [.. sets.OrderBy(static set => set.Metadata.CreationTimestamp).ThenBy(static set => set.Key.Name, StringComparer.Ordinal)];
    private readonly string _template = TemplateText.Of(deployment.Spec.Template);
    private string? _newUid;

    public Deployment Deployment { get; private set; } = deployment;

    public ComponentEvents Events => events;

    public DeploymentSizes Sizes => new(Deployment.Spec);

    public bool IsPaused => Deployment.Spec.Paused == true;

    /// <summary>The set of the template; null until there is one.</summary>
    public ReplicaSet? New => _sets.Find(set => set.Metadata.Uid == _newUid);

    /// <summary>The sets of other templates, the oldest first.</summary>
    public IReadOnlyList<ReplicaSet> Old => [.. _sets.Where(set => set.Metadata.Uid != _newUid)];

    /// <summary>The old ones, then the new one.</summary>
    public IReadOnlyList<ReplicaSet> All => New is { } set ? [.. Old, set] : Old;

    /// <summary>Whether its size was changed since the sets were sized.</summary>
    public bool IsScaled => All.Any(set => set.Spec.Replicas > 0 && ReplicaSetNotes.Desired(set) is { } desired && desired != Sizes.Replicas);

    private DateTimeOffset Now => client.Options.TimeProvider.GetUtcNow();

    /// <summary>Finds the set of the template, the oldest if there are several, and brings its revision and annotations up to date, then the Deployment's revision.</summary>
    public async Task FollowTemplateAsync()
    {
        if (_sets.Find(set => TemplateText.Of(set.Spec.Template) == _template) is not { } found)
        {
            return;
        }

        _newUid = found.Metadata.Uid;
        var noted = ReplicaSetNotes.Follow(Deployment, found, ReplicaSetNotes.LastOf(Old) + 1);
        if (noted || (found.Spec.MinReadySeconds ?? 0) != (Deployment.Spec.MinReadySeconds ?? 0))
        {
            found.Spec.MinReadySeconds = Deployment.Spec.MinReadySeconds;
            await UpdateAsync(found);
            return;
        }

        var changed = ReplicaSetNotes.SetRevision(Deployment, found.Metadata.Annotations?.GetValueOrDefault(ReplicaSetNotes.Revision));
        if (Progress.HasDeadline(Deployment) && DeploymentConditions.Find(Deployment.Status, DeploymentConditions.Progressing) is null)
        {
            SetCondition(DeploymentConditions.Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{found.Key.Name}\"");
            changed = true;
        }

        if (changed)
        {
            await UpdateStatusAsync(Deployment.Status);
        }
    }

    /// <summary>Makes the set of the template, if there is none.</summary>
    public async Task EnsureNewAsync()
    {
        if (New is not null)
        {
            return;
        }

        var revision = ReplicaSetNotes.LastOf(Old) + 1;
        var wanted = NewReplicaSet.Of(Deployment, reference);
        wanted.Spec.Replicas = Sizes.NewReplicas(All, 0);
        ReplicaSetNotes.Follow(Deployment, wanted, revision);
        ReplicaSetNotes.Size(wanted, Sizes);
        var created = await CreateAsync(wanted);
        _sets.Add(created);
        _newUid = created.Metadata.Uid;
        if (created.Spec.Replicas > 0)
        {
            events.Normal(Deployment, "ScalingReplicaSet", $"Scaled up replica set {created.Key.Name} from 0 to {created.Spec.Replicas}");
        }

        var changed = ReplicaSetNotes.SetRevision(Deployment, ReplicaSetNotes.ToText(revision));
        if (Progress.HasDeadline(Deployment))
        {
            SetCondition(DeploymentConditions.Progressing, "True", "NewReplicaSetCreated", $"Created new replica set \"{created.Key.Name}\"");
            changed = true;
        }

        if (changed)
        {
            await UpdateStatusAsync(Deployment.Status);
        }
    }

    /// <summary>Gives a set another size, and notes the Deployment's.</summary>
    /// <param name="set">One of the sets.</param>
    /// <param name="replicas">Its size from now on.</param>
    /// <param name="notes">Whether to note the Deployment's size even if the set keeps its own.</param>
    /// <returns>Whether the size changed.</returns>
    public async Task<bool> ScaleAsync(ReplicaSet set, int replicas, bool notes = false)
    {
        var before = set.Spec.Replicas ?? 0;
        var noted = (notes || before != replicas) && ReplicaSetNotes.Size(set, Sizes);
        if (before == replicas && !noted)
        {
            return false;
        }

        set.Spec.Replicas = replicas;
        await UpdateAsync(set);
        if (before != replicas)
        {
            events.Normal(Deployment, "ScalingReplicaSet", $"Scaled {(before < replicas ? "up" : "down")} replica set {set.Key.Name} from {before} to {replicas}");
        }

        return before != replicas;
    }

    /// <summary>Deletes the oldest of the sets that are empty, beyond those to be kept.</summary>
    public async Task CleanUpAsync()
    {
        if (Deployment.Spec.RevisionHistoryLimit is not (>= 0 and < int.MaxValue and var limit))
        {
            return;
        }

        var alive = Old.Where(static set => set.Metadata.DeletionTimestamp is null).OrderBy(static set => ReplicaSetNotes.RevisionOf(set) ?? 0).ToList();
        foreach (var set in alive.Take(alive.Count - limit))
        {
            if (set.Status is not { Replicas: 0 } status || set.Spec.Replicas != 0 || set.Metadata.Generation > status.ObservedGeneration)
            {
                continue;
            }

            try
            {
                await client.DeleteAsync<ReplicaSet>(set.Key, new DeleteOptions { Uid = set.Metadata.Uid }, cancellationToken);
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // As meant.
            }
        }
    }

    /// <summary>Says that it is paused, or goes on: the time of a pause does not count for its progress.</summary>
    public async Task TellPausedAsync()
    {
        var reason = DeploymentConditions.Find(Deployment.Status, DeploymentConditions.Progressing)?.Reason;
        if (!Progress.HasDeadline(Deployment) || reason == Progress.TimedOut || IsPaused == (reason == Progress.Paused))
        {
            return;
        }

        SetCondition(DeploymentConditions.Progressing, "Unknown", IsPaused ? Progress.Paused : "DeploymentResumed", IsPaused ? "Deployment is paused" : "Deployment is resumed");
        await UpdateStatusAsync(Deployment.Status);
    }

    /// <summary>Writes the counts, if they are others.</summary>
    public Task WriteStatusAsync() => WriteIfOtherAsync(DeploymentStatuses.Of(Deployment, All, New, Now));

    /// <summary>Writes the counts and how far the rollout is.</summary>
    /// <returns>When to look again for its deadline.</returns>
    public async Task<ReconcileResult> WriteRolloutStatusAsync()
    {
        var status = DeploymentStatuses.Of(Deployment, All, New, Now);
        Progress.Tell(Deployment, New, status, Now);
        DeploymentStatuses.TellFailures(status, All, New, Now);
        return await WriteIfOtherAsync(status) ? ReconcileResult.Done : Progress.NextLook(Deployment, Now);
    }

    /// <summary>Replaces the whole Deployment, as a rollback does.</summary>
    public async Task UpdateDeploymentAsync() => Deployment = await client.UpdateAsync(Deployment, Writes, cancellationToken);

    private async Task<bool> WriteIfOtherAsync(DeploymentStatus status)
    {
        if (DeploymentStatuses.Same(Deployment.Status, status))
        {
            return false;
        }

        await UpdateStatusAsync(status);
        return true;
    }

    private async Task UpdateStatusAsync(DeploymentStatus? status) => Deployment = await client.UpdateAsync(Deployment with { Status = status }, StatusWrites, cancellationToken);

    private void SetCondition(string type, string status, string reason, string message) =>
        DeploymentConditions.Set(Deployment.Status ??= new(), DeploymentConditions.Make(type, status, reason, message, Now));

    private async Task UpdateAsync(ReplicaSet set)
    {
        var index = _sets.FindIndex(one => one.Metadata.Uid == set.Metadata.Uid);
        _sets[index] = await client.UpdateAsync(set, Writes, cancellationToken);
    }

    private async Task<ReplicaSet> CreateAsync(ReplicaSet wanted)
    {
        try
        {
            return await client.CreateAsync(wanted, Writes, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            // Ours, of a moment ago? Else two templates have one hash, and the next look takes another.
            var found = await client.GetAsync<ReplicaSet>(wanted.Key, cancellationToken);
            if (Applying.Owners.ControllerOf(found)?.Uid == Deployment.Metadata.Uid && TemplateText.Of(found.Spec.Template) == _template)
            {
                return found;
            }

            var status = Deployment.Status ?? new();
            await UpdateStatusAsync(status with { CollisionCount = (status.CollisionCount ?? 0) + 1 });
            throw;
        }
        catch (Exception error) when (FailureText.IsOfRequest(error) && !FailureText.IsOfEndingNamespace(error))
        {
            var message = $"Failed to create new replica set \"{wanted.Key.Name}\": {FailureText.Of(error)}";
            events.Warning(Deployment, "ReplicaSetCreateError", message);
            if (Progress.HasDeadline(Deployment))
            {
                SetCondition(DeploymentConditions.Progressing, "False", "ReplicaSetCreateError", message);
                await UpdateStatusAsync(Deployment.Status);
            }

            throw;
        }
    }
}
