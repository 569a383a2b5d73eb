namespace Capstan.Cluster.Storage;

/// <summary>Annotations by which claims, volumes and their controllers understand each other, and the phases.</summary>
internal static class StorageNames
{
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";
    public const string BetaProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    public const string Component = "persistentvolume-controller";
    public const string WaitForFirstConsumer = "WaitForFirstConsumer";
}
