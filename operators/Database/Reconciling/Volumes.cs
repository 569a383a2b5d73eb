using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Lets volumes grow, and knows the primary's. A StatefulSet cannot change what it makes its claims of, so it is replaced: its pods are left running, and the
/// next one takes them over.</summary>
[Rbac("", "persistentvolumeclaims", "list", "patch")]
internal sealed class Volumes(KubeClient client, Children children)
{
    private static readonly string[] Fixed = ["serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates"];

    /// <summary>Begins to replace the StatefulSet, if it cannot become what is wanted.</summary>
    /// <returns>What is waited for; null when it can.</returns>
    /// <exception cref="StepFailedException">The volumes cannot be of the size that is wanted.</exception>
    public async Task<string?> ReplaceAsync(Database database, DynamicObject existing, Child wanted, CancellationToken cancellationToken)
    {
        if (existing.DeletionTimestamp is not null)
        {
            return "the StatefulSet is being deleted";
        }

        var spec = new JsonObject([.. Fixed.Select(field => KeyValuePair.Create(field, wanted.Manifest["spec"]![field]?.DeepClone()))]);
        if (Agreement.Holds(existing, new() { ["spec"] = spec }))
        {
            return null;
        }

        var size = Quantity.Parse(database.Spec.Storage.Size);
        if (Servers.SizeOf(existing) is { } had && had > size)
        {
            throw new StepFailedException("StorageShrinkRefused", $"volumes of {had} cannot be made smaller: {database.Spec.Storage.Size} is wanted");
        }

        await GrowAsync(database, size, cancellationToken);
        await children.DeleteAsync(database, ChildKinds.StatefulSet, existing.Key.Name, "Orphan", cancellationToken);
        return "the StatefulSet is replaced, its pods go on";
    }

    /// <summary>The pod whose volume is noted as the primary's, of volumes that were kept when another Database of this name was deleted; null when none is.</summary>
    public async Task<string?> KeptPrimaryAsync(Database database, CancellationToken cancellationToken) =>
        (await ClaimsAsync(database, cancellationToken)).Where(claim => claim.Annotations.GetValueOrDefault(ChildNames.Role) == PodRole.Primary).Select(PodOf).FirstOrDefault();

    /// <summary>Notes on the volumes whose is the primary's. The first pod's needs no note.</summary>
    public async Task NotePrimaryAsync(Database database, string primary, CancellationToken cancellationToken)
    {
        foreach (var claim in await ClaimsAsync(database, cancellationToken))
        {
            var role = PodOf(claim) == primary ? PodRole.Primary : null;
            if (claim.Annotations.GetValueOrDefault(ChildNames.Role) != role)
            {
                await PatchAsync(claim, new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ChildNames.Role] = role } } }, cancellationToken);
            }
        }
    }

    private async Task GrowAsync(Database database, Quantity size, CancellationToken cancellationToken)
    {
        foreach (var claim in (await ClaimsAsync(database, cancellationToken)).Where(claim => RequestOf(claim) < size))
        {
            try
            {
                await PatchAsync(claim, new() { ["spec"] = new JsonObject { ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = size.ToString() } } } }, cancellationToken);
            }
            catch (ApiException refusal) when (refusal is { IsTransient: false, IsConflict: false, IsNotFound: false })
            {
                throw new StepFailedException("StorageResizeFailed", $"PersistentVolumeClaim {claim.Key.Name}: {refusal.Status.Message}", refusal);
            }
        }
    }

    private async Task<IEnumerable<DynamicObject>> ClaimsAsync(Database database, CancellationToken cancellationToken)
    {
        var selector = string.Join(',', Child.Selector(database).Select(label => $"{label.Key}={label.Value}"));
        var claims = await client.ListAsync(ChildKinds.VolumeClaim, new ListOptions { Namespace = database.Key.Namespace, LabelSelector = selector }, cancellationToken);
        return claims.Items.Where(claim => ChildNames.OrdinalOf(database, PodOf(claim)) is not null);
    }

    private Task PatchAsync(DynamicObject claim, JsonObject patch, CancellationToken cancellationToken) => client.PatchAsync(
        ChildKinds.VolumeClaim, claim.Key, PatchType.Merge, System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()), new() { FieldManager = ChildNames.Manager }, cancellationToken);

    private static string PodOf(DynamicObject claim) => claim.Key.Name.StartsWith("data-", StringComparison.Ordinal) ? claim.Key.Name["data-".Length..] : "";

    private static Quantity RequestOf(DynamicObject claim) =>
        Quantity.TryParse((string?)claim.ToJson()["spec"]?["resources"]?["requests"]?["storage"], out var size, out _) ? size : default;
}
