using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Cleanup;

public sealed class StorageProtectionTests
{
    private static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);
    private static readonly ResourceType Volumes = new("", "v1", "PersistentVolume", "persistentvolumes", Namespaced: false);
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_claim_stays_while_a_pod_on_a_node_uses_it_and_a_volume_that_nobody_uses_goes()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: runner, namespace: shop}}
            ---
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: used, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
            ---
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: waiting, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
            ---
            {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {storageClassName: other, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /disk}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: runs, namespace: shop}, spec: {nodeName: node-1, serviceAccountName: runner, containers: [{name: c, image: "i:1"}], volumes: [{name: v, persistentVolumeClaim: {claimName: used}}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: waits, namespace: shop}, spec: {serviceAccountName: runner, containers: [{name: c, image: "i:1"}], volumes: [{name: v, persistentVolumeClaim: {claimName: waiting}}]}}
            """,
            Stop);
        await cluster.Client.DeleteAsync(Claims, new("shop", "used"), cancellationToken: Stop);
        await cluster.Client.DeleteAsync(Claims, new("shop", "waiting"), cancellationToken: Stop);
        await cluster.Client.DeleteAsync(Volumes, new("", "disk"), cancellationToken: Stop);
        await GoneAsync(cluster, Claims, new("shop", "waiting"));
        await GoneAsync(cluster, Volumes, new("", "disk"));
        Assert.NotNull((await cluster.Client.GetAsync(Claims, new("shop", "used"), Stop)).DeletionTimestamp);
        await cluster.Client.DeleteAsync(Pods, new("shop", "runs"), new DeleteOptions { GracePeriodSeconds = 0 }, Stop);
        await GoneAsync(cluster, Claims, new("shop", "used"));
    }

    private static Task GoneAsync(TestCluster cluster, ResourceType type, ObjectKey key) => Eventually.SeeAsync(
        $"{type.Plural} {key} to go",
        async stop =>
        {
            try
            {
                return (await cluster.Client.GetAsync(type, key, stop)).ToJson();
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                return new JsonObject();
            }
        },
        seen => seen.Count == 0,
        cancellationToken: Stop);
}
