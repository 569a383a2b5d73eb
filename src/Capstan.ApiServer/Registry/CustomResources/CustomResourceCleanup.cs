using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Deletes all objects of a custom resource whose definition goes; those with finalizers are marked and go when these are removed.</summary>
internal sealed class CustomResourceCleanup(Store store, TimeProvider clock)
{
    /// <summary>Removes or marks each object. An object that changes meanwhile is tried again.</summary>
    public void DeleteObjects(GroupResource resource)
    {
        foreach (var seen in store.Read(resource).Objects.From(default))
        {
            while (store.Find(resource, seen.Key) is { } stored && !TryDelete(resource, stored))
            {
            }
        }
    }

    private bool TryDelete(GroupResource resource, StoredObject stored)
    {
        var obj = ObjectJson.Parse(stored.Json);
        var metadata = obj["metadata"]!.AsObject();
        if (metadata.Items("finalizers").Count == 0)
        {
            return store.TryRemove(resource, stored) is not null;
        }

        if (metadata["deletionTimestamp"] is not null)
        {
            return true;
        }

        metadata["deletionTimestamp"] = KubeTime.Format(clock.GetUtcNow());
        metadata["deletionGracePeriodSeconds"] = 0;
        metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
        return store.TryPut(resource, ObjectEncoder.Encode(obj), stored) is not null;
    }
}
