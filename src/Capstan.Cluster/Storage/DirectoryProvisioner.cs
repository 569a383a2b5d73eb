using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Makes a directory of this machine for each claim whose class asks for one, and a volume of it; lets it grow where the class allows it.</summary>
/// <remarks>What an external provisioner with its resizer is to Kubernetes. Nothing limits how much a directory holds: the size of a volume is what was asked for.</remarks>
internal sealed class DirectoryProvisioner(KubeClient client, VolumeDirectories directories, Informer claims, Informer volumes, Informer classes, ComponentEvents events) : Reconciler
{
    public const string Name = "capstan.dev/local-directory";
    public const string Manager = "capstan-local-directory";

    /// <summary>The class that claims have when they name none.</summary>
    public const string DefaultClass = "standard";

    private const string Resizing = "Resizing";

    private static readonly WriteOptions AsManager = new() { FieldManager = Manager };

    /// <summary>Adds it to the operator of a node: its class is made before anything runs, unless there is one of its name.</summary>
    /// <param name="builder">Of an administrator's client.</param>
    /// <param name="informers">Of that operator.</param>
    /// <param name="events">Written by that operator.</param>
    /// <param name="root">Directory of the volumes; made when the first is.</param>
    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events, string root)
    {
        var (claims, volumes, classes) = (informers.Of<PersistentVolumeClaim>(), informers.Of<PersistentVolume>(), informers.Of<StorageClass>());
        var (directories, told) = (new VolumeDirectories(root), events.From(Name, Manager));
        builder.AddGate(stop => MakeClassAsync(builder.Client, stop));
        builder.AddController("directory-provisioner", controller =>
        {
            controller.Reconciler = new DirectoryProvisioner(builder.Client, directories, claims, volumes, classes, told);
            controller.For(claims, static (_, now) => now?.Annotations.GetValueOrDefault(StorageNames.Provisioner) == Name);
        });
        builder.AddController("directory-reclaim", controller =>
        {
            controller.Reconciler = new DirectoryReclaim(builder.Client, directories, volumes, told);
            controller.For<PersistentVolume>(volumes, static (_, now) => now is not null && DirectoryReclaim.IsReleased(now));
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (claims.CacheOf<PersistentVolumeClaim>().Get(key) is not { Metadata.DeletionTimestamp: null } claim
            || classes.CacheOf<StorageClass>().Get(ObjectKey.ClusterScoped(claim.ClassName)) is not { Provisioner: Name } @class)
        {
            return ReconcileResult.Done;
        }

        try
        {
            if (string.IsNullOrEmpty(claim.Spec.VolumeName))
            {
                await ProvisionAsync(claim, @class, cancellationToken);
            }
            else if (@class.AllowVolumeExpansion == true)
            {
                await GrowAsync(claim, cancellationToken);
            }
        }
        catch (ApiException error) when (error.IsConflict || error.IsNotFound)
        {
            return ReconcileResult.Requeue;
        }

        return ReconcileResult.Done;
    }

    private static async Task MakeClassAsync(KubeClient client, CancellationToken cancellationToken)
    {
        // Immediate: there is one node, so a volume is at the right place whichever pod comes first.
        var standard = new StorageClass
        {
            Metadata = new() { Name = DefaultClass, Annotations = new() { [StorageClass.IsDefault] = "true" } },
            Provisioner = Name,
            ReclaimPolicy = "Delete",
            AllowVolumeExpansion = true,
            VolumeBindingMode = "Immediate",
        };
        try
        {
            await client.CreateAsync(standard, AsManager, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            // As it was left.
        }
    }

    private async Task ProvisionAsync(PersistentVolumeClaim claim, StorageClass @class, CancellationToken cancellationToken)
    {
        var name = VolumeDirectories.NameFor(claim.Metadata.Uid!);
        if (volumes.Cache.Contains(ObjectKey.ClusterScoped(name)))
        {
            return;
        }

        events.Normal(claim, "Provisioning", $"External provisioner is provisioning volume for claim \"{claim.Key}\"");
        if (claim.Spec.VolumeMode == "Block" || claim.Spec.UnknownFields?.ContainsKey("dataSource") == true)
        {
            events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{@class.Metadata.Name}\": a directory is no block device, and starts empty");
            return;
        }

        string path;
        try
        {
            path = directories.Make(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{@class.Metadata.Name}\": {error.Message}");
            throw;
        }

        try
        {
            await client.CreateAsync(ToVolume(name, path, claim, @class), AsManager, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            return;
        }

        events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {name}");
    }

    private static PersistentVolume ToVolume(string name, string path, PersistentVolumeClaim claim, StorageClass @class) => new()
    {
        Metadata = new() { Name = name, Annotations = new() { [StorageNames.ProvisionedBy] = Name } },
        Spec = new()
        {
            Capacity = new() { ["storage"] = claim.Request },
            AccessModes = claim.Spec.AccessModes,
            ClaimRef = ObjectReference.To(claim),
            HostPath = new() { Path = path, Type = "DirectoryOrCreate" },
            PersistentVolumeReclaimPolicy = @class.ReclaimPolicy ?? "Delete",
            StorageClassName = @class.Metadata.Name,
            VolumeMode = "Filesystem",
        },
    };

    /// <summary>Tells the new size; the directory is as large as its disk anyway. Each step can be taken again after a crash.</summary>
    private async Task GrowAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Status is not { Phase: "Bound", Capacity: { } capacity } status || claim.Request.CompareTo(capacity.GetValueOrDefault("storage")) <= 0
            || volumes.CacheOf<PersistentVolume>().Get(ObjectKey.ClusterScoped(claim.Spec.VolumeName!)) is not { } volume || !volume.IsFor(claim))
        {
            return;
        }

        // 1. Everybody sees that it is being done.
        var size = new Dictionary<string, Quantity> { ["storage"] = claim.Request };
        var others = (status.Conditions ?? []).FindAll(condition => condition.Type is not (Resizing or "FileSystemResizePending"));
        var now = KubeTime.Truncate(client.Options.TimeProvider.GetUtcNow());
        var growing = await WriteStatusAsync(claim, status with
        {
            AllocatedResources = size,
            AllocatedResourceStatuses = new() { ["storage"] = "ControllerResizeInProgress" },
            Conditions = [.. others, new() { Type = Resizing, Status = "True", LastTransitionTime = now }],
        }, cancellationToken);
        events.Normal(claim, Resizing, $"External resizer is resizing volume {volume.Metadata.Name}");

        // 2. The volume.
        if (VolumeMatch.CapacityOf(volume).CompareTo(claim.Request) < 0)
        {
            var spec = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = volume.Metadata.Uid }, ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = claim.Request.ToString() } } };
            await client.PatchAsync(PersistentVolume.Resource, volume.Key, PatchType.Merge, DynamicObject.From(spec).Json, new PatchOptions { FieldManager = Manager }, cancellationToken);
        }

        // 3. The claim has it.
        await WriteStatusAsync(growing, growing.Status! with
        {
            Capacity = size,
            AllocatedResources = size,
            AllocatedResourceStatuses = null,
            Conditions = others.Count > 0 ? others : null,
        }, cancellationToken);
        events.Normal(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
    }

    private Task<PersistentVolumeClaim> WriteStatusAsync(PersistentVolumeClaim claim, PersistentVolumeClaimStatus status, CancellationToken cancellationToken) =>
        client.UpdateAsync(claim with { Status = status }, AsManager with { Subresource = "status" }, cancellationToken);
}
