using System.Text;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Storage;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Storage;

public sealed class StorageTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("capstan-volumes-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_of_no_class_gets_a_directory_that_grows_and_goes_with_it()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var provisioner = await StartAsync(cluster);
        await cluster.InstallAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}", Stop);
        var claim = await ClaimAsync(cluster, "data", claim => claim.Status?.Phase == "Bound");
        Assert.Equal(("standard", $"pvc-{claim.Metadata.Uid}", "1Gi"), (claim.Spec.StorageClassName, claim.Spec.VolumeName, claim.Status!.Capacity!["storage"].ToString()));
        Assert.Equal(
            ["pv.kubernetes.io/bind-completed=yes", "pv.kubernetes.io/bound-by-controller=yes", "volume.beta.kubernetes.io/storage-provisioner=capstan.dev/local-directory", "volume.kubernetes.io/storage-provisioner=capstan.dev/local-directory"],
            claim.Metadata.Annotations!.Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));
        var volume = await cluster.Client.GetAsync<PersistentVolume>(ObjectKey.ClusterScoped(claim.Spec.VolumeName!), Stop);
        var path = volume.Spec.HostPath!.Path;
        Assert.Equal(Path.Combine(_root.FullName, volume.Metadata.Name!), path);
        Assert.True(Directory.Exists(path));
        await File.WriteAllTextAsync(Path.Combine(path, "row"), "1", Stop);

        await PatchAsync<PersistentVolumeClaim>(cluster, claim.Key, """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""");
        var grown = await ClaimAsync(cluster, "data", claim => claim.Status?.Capacity?["storage"].ToString() == "2Gi");
        Assert.Null(grown.Status!.Conditions);
        Assert.Equal("2Gi", grown.Status.AllocatedResources!["storage"].ToString());
        Assert.Equal("2Gi", VolumeMatch.CapacityOf(await cluster.Client.GetAsync<PersistentVolume>(volume.Key, Stop)).ToString());

        await cluster.Client.DeleteAsync<PersistentVolumeClaim>(claim.Key, cancellationToken: Stop);
        await Eventually.SeeAsync("the volume to go", stop => cluster.Client.FindAsync<PersistentVolume>(volume.Key, stop), found => found is null, cancellationToken: Stop);
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task What_is_retained_stays_and_a_volume_that_lies_about_its_place_is_left_alone()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var provisioner = await StartAsync(cluster);
        await cluster.InstallAsync(
            """
            {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: kept}, provisioner: capstan.dev/local-directory, reclaimPolicy: Retain, volumeBindingMode: Immediate}
            ---
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: kept, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
            """,
            Stop);
        var claim = await ClaimAsync(cluster, "data", claim => claim.Status?.Phase == "Bound");
        var key = ObjectKey.ClusterScoped(claim.Spec.VolumeName!);
        await cluster.Client.DeleteAsync<PersistentVolumeClaim>(claim.Key, cancellationToken: Stop);
        var released = await VolumeAsync(cluster, key.Name, volume => volume.Phase == "Released");
        Assert.True(Directory.Exists(released.Spec.HostPath!.Path));

        // Somebody makes it deletable, but of another place. Of our own place it would go: see the other test.
        var elsewhere = Directory.CreateDirectory(Path.Combine(_root.FullName, "elsewhere"));
        await cluster.InstallAsync(
            $$$"""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: pvc-0a1b2c3d-0000-4000-8000-00000000000f, annotations: {pv.kubernetes.io/provisioned-by: capstan.dev/local-directory}}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              persistentVolumeReclaimPolicy: Delete
              claimRef: {namespace: default, name: data, uid: 0a1b2c3d-0000-4000-8000-00000000000f}
              hostPath: {path: "{{{elsewhere.FullName}}}"}
            """,
            Stop);
        await Eventually.SeeAsync(
            "a warning",
            async stop => (await cluster.Client.ListAsync(new("", "v1", "Event", "events", Namespaced: true), new ListOptions { FieldSelector = "reason=VolumeFailedDelete" }, stop)).Items.Count,
            count => count > 0,
            cancellationToken: Stop);
        Assert.True(elsewhere.Exists);
        Assert.Equal("Released", (await VolumeAsync(cluster, "pvc-0a1b2c3d-0000-4000-8000-00000000000f", _ => true)).Phase);
    }

    [Fact]
    public async Task Claims_compete_for_volumes_that_somebody_made_and_each_is_bound_once()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        var manifests = new StringBuilder();
        for (var i = 0; i < 6; i++)
        {
            manifests.Append("\n---\n").Append("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c").Append(i).Append("}, spec: {storageClassName: manual, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}\n");
        }

        for (var i = 0; i < 4; i++)
        {
            manifests.Append("\n---\n").Append("{apiVersion: v1, kind: PersistentVolume, metadata: {name: v").Append(i).Append("}, spec: {storageClassName: manual, capacity: {storage: ").Append(i + 1)
                .Append("Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany], hostPath: {path: /v}}}\n");
        }

        await cluster.InstallAsync(manifests.ToString(), Stop);
        var claims = await Eventually.SeeAsync(
            "four bound claims and volumes",
            async stop => (await cluster.Client.ListAsync<PersistentVolumeClaim>(new ListOptions { Namespace = "default" }, stop)).Items,
            claims => claims.Count(claim => claim.Status?.Phase == "Bound") == 4,
            cancellationToken: Stop);
        var bound = claims.Where(claim => claim.Status?.Phase == "Bound").ToList();
        Assert.Equal(["v0", "v1", "v2", "v3"], bound.Select(claim => claim.Spec.VolumeName).Order(StringComparer.Ordinal));
        foreach (var claim in bound)
        {
            var volume = await VolumeAsync(cluster, claim.Spec.VolumeName!, volume => volume.Phase == "Bound");
            Assert.Equal(claim.Metadata.Uid, volume.Spec.ClaimRef!.Uid);
            Assert.Equal(VolumeMatch.CapacityOf(volume), claim.Status!.Capacity!["storage"]);
        }

        // One that goes frees its volume for nobody (Retain), and a volume that goes loses its claim's data.
        await cluster.Client.DeleteAsync<PersistentVolumeClaim>(bound[0].Key, cancellationToken: Stop);
        await VolumeAsync(cluster, bound[0].Spec.VolumeName!, volume => volume.Phase == "Released");
        await PatchAsync<PersistentVolume>(cluster, ObjectKey.ClusterScoped(bound[1].Spec.VolumeName!), """{"metadata":{"finalizers":null}}""");
        await cluster.Client.DeleteAsync<PersistentVolume>(ObjectKey.ClusterScoped(bound[1].Spec.VolumeName!), cancellationToken: Stop);
        await ClaimAsync(cluster, bound[1].Metadata.Name!, claim => claim.Status?.Phase == "Lost");
    }

    public void Dispose() => _root.Delete(recursive: true);

    private async Task<RunningOperator> StartAsync(TestCluster cluster)
    {
        var builder = new OperatorBuilder(cluster.Client, new OperatorOptions { Name = "node" });
        var events = new ClusterEvents(cluster.Client);
        builder.AddRunnable(events.RunAsync);
        DirectoryProvisioner.AddTo(builder, new SharedInformers(builder), events, _root.FullName);
        return await RunningOperator.StartAsync(builder.Build(), Stop);
    }

    private static Task PatchAsync<T>(TestCluster cluster, ObjectKey key, string merge)
        where T : KubeObject, IKubeObject<T> =>
        cluster.Client.PatchAsync<T>(key, PatchType.Merge, Encoding.UTF8.GetBytes(merge), cancellationToken: Stop);

    private static Task<PersistentVolumeClaim> ClaimAsync(TestCluster cluster, string name, Func<PersistentVolumeClaim, bool> holds) =>
        Eventually.SeeAsync($"claim {name}", stop => cluster.Client.GetAsync<PersistentVolumeClaim>(new("default", name), stop), holds, cancellationToken: Stop);

    private static Task<PersistentVolume> VolumeAsync(TestCluster cluster, string name, Func<PersistentVolume, bool> holds) =>
        Eventually.SeeAsync($"volume {name}", stop => cluster.Client.GetAsync<PersistentVolume>(ObjectKey.ClusterScoped(name), stop), holds, cancellationToken: Stop);
}
