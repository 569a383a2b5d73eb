using Capstan;
using Capstan.Applying;
using Capstan.Controllers;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>Puts on record what a run is going to make, before it makes any of it: whenever the operator is stopped, nothing is there that it does not know of.</summary>
[Rbac<KubeTemplate>("patch")]
[Rbac<KubeTemplate>("patch", Subresource = "status")]
internal sealed class Ledger(KubeClient client, WriteBudget budget)
{
    /// <summary>Finalizer of a template whose objects are deleted with it.</summary>
    public const string FinalizerName = "kubetemplater.io/finalizer";

    private readonly Finalizer _finalizer = new(client, FinalizerName);
    private readonly StatusWriter _status = new(client);

    /// <summary>Whether the template waits for its objects to be deleted.</summary>
    public bool Holds(KubeTemplate template) => _finalizer.IsOn(template);

    /// <summary>Lets a template go whose objects are deleted, or stay.</summary>
    public Task ReleaseAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        budget.CountWrite();
        return _finalizer.RemoveAsync(template, cancellationToken);
    }

    /// <summary>Records what is going to be made, where the template wants it deleted one day. Costs nothing when that is on record.</summary>
    /// <returns>Whether the run may go on; false if the template is gone, or going.</returns>
    public async Task<bool> PrepareAsync(KubeTemplate template, Inventory inventory, IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        var holds = template.Spec.DeletionPolicy == DeletionPolicies.Delete;
        var current = template;
        if (holds != Holds(template))
        {
            budget.CountWrite();
            current = await (holds ? _finalizer.AddAsync(template, cancellationToken) : _finalizer.RemoveAsync(template, cancellationToken));
        }

        return current is not null && (!Inventory.IsKept(template) || inventory.WithAll(manifests) is not { } all || await RecordAsync(current, all, cancellationToken));
    }

    private async Task<bool> RecordAsync(KubeTemplate template, List<ResourceStatus> resources, CancellationToken cancellationToken)
    {
        KubeTemplate? current = null;
        try
        {
            return await client.RetryOnConflictAsync(
                async token =>
                {
                    // The first try trusts what was just read; what another changed since is read from the server.
                    current = current is null ? template : await client.GetAsync<KubeTemplate>(template.Key, token);
                    if (current.Metadata.Uid != template.Metadata.Uid || current.Metadata.DeletionTimestamp is not null)
                    {
                        return false;
                    }

                    budget.CountWrite();
                    await _status.WriteAsync(current, current with { Status = (current.Status ?? new()) with { Resources = resources } }, onlyThisVersion: true, token);
                    return true;
                },
                cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
