using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Writes changes of slices, as updates of kube-controller-manager.</summary>
internal sealed class SliceWrites(KubeClient client)
{
    private static readonly WriteOptions AsManager = new() { FieldManager = NamespaceController.Manager };

    /// <param name="owner">What the slices are made for: the Service, or the Endpoints that are mirrored.</param>
    /// <param name="changes">What to write; slices that would go take the place of new ones of their family.</param>
    /// <param name="annotate">Called for each slice that is written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(KubeObject owner, SliceChanges changes, Action<EndpointSlice> annotate, CancellationToken cancellationToken)
    {
        Recycle(owner, changes);

        // While the owner goes the garbage collector deletes what would be made here.
        foreach (var slice in owner.Metadata.DeletionTimestamp is null ? changes.Create : [])
        {
            annotate(slice);
            try
            {
                await client.CreateAsync(Tidy(slice), AsManager, cancellationToken);
            }
            catch (ApiException error) when (error.IsForbidden && error.Status.Details?.Causes?.Any(cause => cause.Reason == "NamespaceTerminating") == true)
            {
                return;
            }
        }

        foreach (var slice in changes.Update)
        {
            annotate(slice);
            await client.UpdateAsync(Tidy(slice), AsManager, cancellationToken);
        }

        await DeleteAsync(changes.Delete, cancellationToken);
    }

    public async Task DeleteAsync(IEnumerable<EndpointSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var slice in slices)
        {
            try
            {
                await client.DeleteAsync<EndpointSlice>(slice.Key, new DeleteOptions { Uid = slice.Metadata.Uid }, cancellationToken);
            }
            catch (ApiException error) when (error.IsNotFound || error.IsConflict)
            {
                // Gone, as meant.
            }
        }
    }

    private static void Recycle(KubeObject owner, SliceChanges changes)
    {
        foreach (var old in changes.Delete.ToList())
        {
            if (old.Metadata.OwnerReferences?.Any(reference => reference.Uid == owner.Metadata.Uid) == true && changes.Create.FindLast(slice => slice.AddressType == old.AddressType) is { } slice)
            {
                changes.Create.Remove(slice);
                changes.Delete.Remove(old);
                slice.Metadata.Name = old.Metadata.Name;
                changes.Update.Add(slice);
            }
        }
    }

    // As Kubernetes encodes them, empty lists are none.
    private static EndpointSlice Tidy(EndpointSlice slice) => slice with
    {
        Endpoints = slice.Endpoints is { Count: > 0 } ? slice.Endpoints : null,
        Ports = slice.Ports is { Count: > 0 } ? slice.Ports : null,
        Metadata = slice.Metadata with { Annotations = slice.Metadata.Annotations is { Count: > 0 } ? slice.Metadata.Annotations : null },
    };
}
