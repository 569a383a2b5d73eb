using System.Text.Json;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>Makes, repairs and deletes the pods of a set and their claims, and tells of it in the set's events.</summary>
internal sealed class StatefulPods(KubeClient client, Informer claims, ComponentEvents events, StatefulSet set, OwnerReference reference, CancellationToken cancellationToken)
{
    private static readonly ResourceType Claims = StatefulSetController.Claims;
    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };

    private readonly PodIdentity _identity = new(set, reference);
    private readonly ClaimRetention _retention = new(set);

    /// <summary>By which the set controls its pods.</summary>
    public OwnerReference Reference => reference;

    /// <summary>Whether one of a pod's claims is about to go with an earlier pod of the name.</summary>
    public bool HasClaimOfAnother(Pod pod) => Known(pod).Any(claim => _retention.IsOfAnother(claim.OwnerReferences, pod));

    /// <summary>Makes a pod, after its claims.</summary>
    /// <exception cref="ApiException">The server refused it; an event says so.</exception>
    /// <exception cref="ClaimException">It has no claims yet.</exception>
    public async Task CreateAsync(Pod pod)
    {
        await TellAsync("Create", pod, async () =>
        {
            await CreateClaimsAsync(pod);
            await client.CreateAsync(pod, Writes, cancellationToken);
            await RetainAsync(pod);
        });
    }

    /// <summary>Asks for the end of a pod.</summary>
    public Task DeleteAsync(Pod pod) => TellAsync("Delete", pod, async () =>
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Key, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // As meant.
        }
    });

    /// <summary>Makes the claims that a waiting pod lacks.</summary>
    public async Task CreateMissingClaimsAsync(Pod pod)
    {
        await CreateClaimsAsync(pod);
        await RetainAsync(pod);
    }

    /// <summary>Gives a pod and its claims back what they must have.</summary>
    public async Task RepairAsync(Pod pod)
    {
        var copy = pod with { Metadata = pod.Metadata with { Labels = new(pod.Metadata.Labels ?? []) }, Spec = pod.Spec with { } };
        var isOther = _identity.Repair(copy);
        if (!isOther && Known(pod).All(claim => _retention.Change(claim.OwnerReferences, pod) is null))
        {
            return;
        }

        await TellAsync("Update", pod, async () =>
        {
            await CreateClaimsAsync(pod);
            await RetainAsync(pod);
            if (isOther)
            {
                await client.UpdateAsync(copy, Writes, cancellationToken);
            }
        });
    }

    /// <summary>Has the claims of a pod that is to go go with it, or not.</summary>
    /// <returns>True.</returns>
    public async Task<bool> KeepClaimsAsync(Pod pod)
    {
        await RetainAsync(pod);
        return true;
    }

    private IEnumerable<DynamicObject> Known(Pod pod) => _identity.ClaimsOf(pod).Select(claim => claims.Cache.Get(new(pod.Key.Namespace, (string)claim["metadata"]!["name"]!))).OfType<DynamicObject>();

    private async Task CreateClaimsAsync(Pod pod)
    {
        var failures = new List<string>();
        foreach (var claim in _identity.ClaimsOf(pod).Select(DynamicObject.From))
        {
            if (claims.Cache.Get(claim.Key) is { } known)
            {
                if (known.DeletionTimestamp is not null)
                {
                    failures.Add($"pvc {claim.Key.Name} is being deleted");
                }

                continue;
            }

            try
            {
                await client.CreateAsync(Claims, claim, Writes, cancellationToken);
                events.Normal(set, "SuccessfulCreate", $"Create Claim {claim.Key.Name} Pod {pod.Key.Name} in StatefulSet {set.Key.Name} success");
            }
            catch (ApiException error) when (error.IsAlreadyExists)
            {
                failures.Add($"failed to create PVC {claim.Key.Name}: {FailureText.Of(error)}");
            }
            catch (Exception error) when (FailureText.IsOfRequest(error))
            {
                failures.Add($"failed to create PVC {claim.Key.Name}: {FailureText.Of(error)}");
                events.Warning(set, "FailedCreate", $"Create Claim {claim.Key.Name} for Pod {pod.Key.Name} in StatefulSet {set.Key.Name} failed error: {FailureText.Of(error)}");
            }
        }

        if (failures.Count > 0)
        {
            throw new ClaimException(failures.Count == 1 ? failures[0] : $"[{string.Join(", ", failures)}]");
        }
    }

    private async Task RetainAsync(Pod pod)
    {
        foreach (var claim in Known(pod).ToList())
        {
            var owners = claim.OwnerReferences;
            if (_retention.HasConflict(owners, pod))
            {
                events.Warning(
                    set, "ConflictingController",
                    $"PersistentVolumeClaim {claim.Key.Name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim");
            }

            if (_retention.Change(owners, pod) is { } wanted)
            {
                var json = claim.ToJson();
                json["metadata"]!["ownerReferences"] = JsonSerializer.SerializeToNode(wanted, KindsJson.Default.ListOwnerReference);
                await client.UpdateAsync(Claims, DynamicObject.From(json), Writes, cancellationToken);
            }
        }
    }

    private async Task TellAsync(string verb, Pod pod, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception error) when (error is ClaimException || (FailureText.IsOfRequest(error) && error is not ApiException { IsAlreadyExists: true } && !FailureText.IsOfEndingNamespace(error)))
        {
            events.Warning(set, $"Failed{verb}", $"{verb} Pod {pod.Key.Name} in StatefulSet {set.Key.Name} failed error: {FailureText.Of(error)}");
            throw;
        }

        events.Normal(set, $"Successful{verb}", $"{verb} Pod {pod.Key.Name} in StatefulSet {set.Key.Name} successful");
    }
}

/// <summary>A pod has not all of its claims.</summary>
internal sealed class ClaimException(string message) : Exception(message);
