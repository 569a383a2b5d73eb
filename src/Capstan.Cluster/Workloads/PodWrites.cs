using Capstan.Applying;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads;

/// <summary>Makes and deletes the pods of a workload, and tells of it in the workload's events.</summary>
internal sealed class PodWrites(KubeClient client, ComponentEvents events)
{
    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };

    /// <summary>Makes a pod with a name of the server's that begins with the owner's.</summary>
    /// <exception cref="ApiException">The server refused it; its event says so, unless the namespace is going.</exception>
    /// <param name="owner">Whose events tell of it.</param>
    /// <param name="template">What it is made of.</param>
    /// <param name="reference">To the owner.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="prefix">What its name begins with, if not the owner's.</param>
    public async Task CreateAsync(KubeObject owner, PodTemplate template, OwnerReference reference, CancellationToken cancellationToken, string? prefix = null)
    {
        var pod = template.ToPod(owner.Key.Namespace, reference);
        pod.Metadata.GenerateName = prefix ?? Prefix(owner.Key.Name);
        try
        {
            var created = await client.CreateAsync(pod, Writes, cancellationToken);
            events.Record(Regarding(owner), "Normal", "SuccessfulCreate", $"Created pod: {created.Key.Name}");
        }
        catch (Exception error) when (FailureText.IsOfRequest(error))
        {
            if (!FailureText.IsOfEndingNamespace(error))
            {
                events.Record(Regarding(owner), "Warning", "FailedCreate", $"Error creating: {FailureText.Of(error)}");
            }

            throw;
        }
    }

    /// <summary>Asks for the end of a pod.</summary>
    /// <returns>False if it is gone already.</returns>
    /// <exception cref="PodDeletionException">The server refused.</exception>
    public async Task<bool> DeleteAsync(KubeObject owner, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Key, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Gone, or another has its name.
            return false;
        }
        catch (Exception error) when (FailureText.IsOfRequest(error))
        {
            events.Record(Regarding(owner), "Warning", "FailedDelete", $"Error deleting: {FailureText.Of(error)}");
            throw new PodDeletionException(error);
        }

        events.Record(Regarding(owner), "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Key.Name}");
        return true;
    }

    /// <summary>How the names of a workload's pods begin. A name may have 253 characters: with more there is no dash.</summary>
    public static string Prefix(string owner) => owner.Length < 253 ? owner + "-" : owner;

    private static ObjectReference Regarding(KubeObject owner) => new()
    {
        ApiVersion = owner.ApiVersion, Kind = owner.Kind, Namespace = owner.Key.Namespace, Name = owner.Key.Name, Uid = owner.Metadata.Uid, ResourceVersion = owner.Metadata.ResourceVersion,
    };
}

/// <summary>A pod could not be deleted.</summary>
internal sealed class PodDeletionException(Exception reason) : Exception($"unable to delete pods: {FailureText.Of(reason)}", reason);
