using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Applying;
using Capstan.Testing;
using Databases.Desired;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>The operator over the wire, with pods that become ready without running.</summary>
public class DatabaseReconcilerTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private readonly OperatorUnderTest _running = shared.Running;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Database_becomes_Ready_with_all_its_objects()
    {
        var space = await _running.NamespaceAsync("whole");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);

        var ready = await _running.SeenAsync(space, "shop", Phases.Ready);

        Assert.True(ready.Status!.Ready);
        Assert.Equal("shop.whole.svc.cluster.local:5432", ready.Status.Endpoint);
        Assert.Equal(("shop-credentials", "shop-0", 1), (ready.Status.SecretName, ready.Status.Primary, ready.Status.ReadyReplicas));
        Assert.Equal(("AllChecksPassed", "True"), (Conditions.Find(ready.Status.Conditions, "Ready")!.Reason, Conditions.Find(ready.Status.Conditions, "Ready")!.Status));
        Assert.Equal("ReconciliationComplete", Conditions.Find(ready.Status.Conditions, "Progressing")!.Reason);
        Assert.Contains(DatabaseReconciler.FinalizerName, ready.Metadata.Finalizers!);
        var set = (await _running.FindAsync(ChildKinds.StatefulSet, space, "shop")).ToJson();
        Assert.Equal("postgres:14", (string?)set["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
        foreach (var name in (string[])["shop", "shop-ro", "shop-headless"])
        {
            var service = (await _running.FindAsync(ChildKinds.Service, space, name)).ToJson();
            Assert.Equal(5432, (int)service["spec"]!["ports"]![0]!["port"]!);
        }

        Assert.Equal("shop-0", (string?)(await _running.FindAsync(ChildKinds.Service, space, "shop")).ToJson()["spec"]!["selector"]!["statefulset.kubernetes.io/pod-name"]);
        var secret = await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials");
        Assert.Equal(
            ["database", "dbname", "host", "jdbc-uri", "password", "pgpass", "port", "uri", "username"],
            ((JsonObject)secret.ToJson()["data"]!).Select(one => one.Key).Order(StringComparer.Ordinal));
        Assert.Null(await _running.Client.FindAsync(ChildKinds.DisruptionBudget, new(space, "shop"), Cancelled));
    }

    [Fact]
    public async Task Defect07_what_belongs_to_others_is_neither_adopted_nor_deleted()
    {
        var space = await _running.NamespaceAsync("foreign");
        var foreign = """{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shop-credentials", "namespace": "foreign"}, "stringData": {"password": "mine"}}""";
        await _running.Client.CreateAsync(ChildKinds.Secret, DynamicObject.Parse(Encoding.UTF8.GetBytes(foreign)), cancellationToken: Cancelled);
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);

        var failed = await _running.SeenAsync(space, "shop", Phases.Failed);
        var ready = Conditions.Find(failed.Status!.Conditions, "Ready")!;
        Assert.Equal("SecretCreationFailed", ready.Reason);
        Assert.Contains("shop-credentials exists", ready.Message, StringComparison.Ordinal);
        await _running.Client.DeleteAsync<Database>(failed.Key, cancellationToken: Cancelled);
        await GoneAsync(Database.Resource, space, "shop");

        var left = await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials");
        Assert.Equal("mine", Credentials.Value(left, "password"));
        Assert.Empty(left.OwnerReferences);
    }

    [Fact]
    public async Task Defect07_Databases_of_one_name_in_two_namespaces_do_not_meet()
    {
        var (one, other) = (await _running.NamespaceAsync("twin-a"), await _running.NamespaceAsync("twin-b"));
        await _running.Client.CreateAsync(Given.Database(@namespace: one), cancellationToken: Cancelled);
        await _running.Client.CreateAsync(Given.Database(@namespace: other), cancellationToken: Cancelled);
        await _running.SeenAsync(one, "shop", Phases.Ready);
        await _running.SeenAsync(other, "shop", Phases.Ready);

        await _running.Client.DeleteAsync<Database>(new(one, "shop"), cancellationToken: Cancelled);
        await GoneAsync(Database.Resource, one, "shop");

        Assert.NotNull(await _running.Client.FindAsync(ChildKinds.StatefulSet, new(other, "shop"), Cancelled));
        Assert.Null(await _running.Client.FindAsync(ChildKinds.StatefulSet, new(one, "shop"), Cancelled));
    }

    [Fact]
    public async Task Defect14_whatever_is_deleted_or_changed_is_put_right()
    {
        var space = await _running.NamespaceAsync("repair");
        await _running.Client.CreateAsync(Given.Database(@namespace: space, replicas: 3), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);
        (ResourceType Type, string Name)[] all =
        [
            (ChildKinds.StatefulSet, "shop"), (ChildKinds.Service, "shop"), (ChildKinds.Service, "shop-ro"), (ChildKinds.Service, "shop-headless"),
            (ChildKinds.Secret, "shop-credentials"), (ChildKinds.Secret, "shop-superuser"), (ChildKinds.ConfigMap, "shop-primary"), (ChildKinds.DisruptionBudget, "shop"),
        ];
        foreach (var (type, name) in all)
        {
            var before = await _running.FindAsync(type, space, name);
            await _running.Client.DeleteAsync(type, new(space, name), new() { PropagationPolicy = "Background" }, Cancelled);
            await _running.FindAsync(type, space, name, now => now.Uid != before.Uid);
        }

        await _running.Client.PatchAsync(ChildKinds.Service, new(space, "shop"), PatchType.Merge, """{"spec": {"selector": {"database": "other"}}}"""u8.ToArray(), cancellationToken: Cancelled);
        await _running.FindAsync(ChildKinds.Service, space, "shop", now => (string?)now.ToJson()["spec"]!["selector"]!["database"] == "shop");
        await _running.Client.PatchAsync(
            ChildKinds.Secret, new(space, "shop-credentials"), PatchType.Merge, """{"metadata": {"labels": {"app.kubernetes.io/managed-by": null}}}"""u8.ToArray(), cancellationToken: Cancelled);
        await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials", now => now.Labels.ContainsKey(ChildNames.ManagedBy));
        await _running.SeenAsync(space, "shop", Phases.Ready);
    }

    [Fact]
    public async Task Defect09_image_and_replicas_are_rolled_out()
    {
        var space = await _running.NamespaceAsync("rollout");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);

        await _running.ChangeAsync(space, "shop", """{"image": "postgres:14.2", "resources": {"limits": {"memory": "1024Mi"}}}""");
        foreach (var replicas in (int[])[3, 4, 5])
        {
            await _running.ChangeAsync(space, "shop", $$"""{"replicas": {{replicas}}}""");
        }

        await _running.SeenAsync(space, "shop", Phases.Ready, now => now.Status!.ReadyReplicas == 5);
        var set = (await _running.FindAsync(ChildKinds.StatefulSet, space, "shop")).ToJson()["spec"]!;
        Assert.Equal((5, "postgres:14.2"), ((int)set["replicas"]!, (string?)set["template"]!["spec"]!["containers"]![0]!["image"]));
        await _running.ChangeAsync(space, "shop", """{"resources": null}""");
        await _running.FindAsync(ChildKinds.StatefulSet, space, "shop", now => now.ToJson()["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] is null or JsonObject { Count: 0 });
    }

    [Fact]
    public async Task Defect08_an_image_that_could_not_read_the_files_is_not_rolled_out_without_the_webhook_either()
    {
        var space = await _running.NamespaceAsync("major");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);

        await _running.ChangeAsync(space, "shop", """{"image": "postgres:15"}""");

        var refused = await _running.SeenAsync(space, "shop", Phases.Ready, now => Conditions.Find(now.Status!.Conditions, "Progressing")!.Reason == "ImageRefused");
        Assert.True(refused.Status!.Ready);
        Assert.Equal("postgres:14", StatefulSetState.ImageOf(await _running.FindAsync(ChildKinds.StatefulSet, space, "shop")));
    }

    [Fact]
    public async Task Defect11_storage_grows_by_its_claims_and_a_StatefulSet_that_takes_over_the_pods()
    {
        var space = await _running.NamespaceAsync("growth");
        await _running.Cluster.InstallAsync("""
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: {name: growing}
            provisioner: example.com/none
            allowVolumeExpansion: true
            ---
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: one}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: growing
              hostPath: {path: /nowhere}
              claimRef: {namespace: growth, name: data-shop-0}
            """, Cancelled);
        var database = Given.Database(@namespace: space);
        database.Spec.Storage.StorageClass = "growing";
        await _running.Client.CreateAsync(database, cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);
        var before = await _running.FindAsync(ChildKinds.StatefulSet, space, "shop");
        var pod = await _running.FindAsync(ChildKinds.Pod, space, "shop-0");
        await _running.FindAsync(ChildKinds.VolumeClaim, space, "data-shop-0", claim => (string?)claim.ToJson()["status"]?["phase"] == "Bound");

        await _running.ChangeAsync(space, "shop", """{"storage": {"size": "2048Mi"}}""");

        await _running.SeenAsync(space, "shop", Phases.Ready);
        await _running.FindAsync(ChildKinds.VolumeClaim, space, "data-shop-0", now => (string?)now.ToJson()["spec"]!["resources"]!["requests"]!["storage"] == "2Gi");
        var after = await _running.FindAsync(ChildKinds.StatefulSet, space, "shop");
        Assert.NotEqual(before.Uid, after.Uid);
        Assert.Equal(Given.Amount("2Gi"), Servers.SizeOf(after));
        Assert.Equal(pod.Uid, (await _running.FindAsync(ChildKinds.Pod, space, "shop-0")).Uid);
    }

    [Fact]
    public async Task A_class_that_does_not_let_volumes_grow_is_told()
    {
        var space = await _running.NamespaceAsync("no-growth");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);

        await _running.ChangeAsync(space, "shop", """{"storage": {"size": "2Gi"}}""");

        var failed = await _running.SeenAsync(space, "shop", Phases.Failed);
        Assert.Equal("StorageResizeFailed", Conditions.Find(failed.Status!.Conditions, "Ready")!.Reason);
        Assert.Equal(Given.Amount("1Gi"), Servers.SizeOf(await _running.FindAsync(ChildKinds.StatefulSet, space, "shop")));
    }

    [Fact]
    public async Task Defect10_a_Database_that_cannot_be_made_is_not_tried_in_a_hurry()
    {
        var space = await _running.NamespaceAsync("failing");
        await _running.Cluster.InstallAsync("{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: failing}, spec: {ports: [{port: 1}]}}", Cancelled);
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        var failed = await _running.SeenAsync(space, "shop", Phases.Failed);
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(_running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);

        var later = await _running.Client.GetAsync<Database>(failed.Key, Cancelled);

        Assert.Equal("ServiceCreationFailed", Conditions.Find(later.Status!.Conditions, "Ready")!.Reason);
        Assert.Equal(failed.Metadata.ResourceVersion, later.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Defect15_a_Backup_of_the_same_Database_is_told_and_one_of_another_is_waited_for()
    {
        var space = await _running.NamespaceAsync("backups");
        await _running.Client.CreateAsync(new Backup { Metadata = new() { Name = "own", Namespace = space }, Spec = new() { DatabaseRef = new() { Name = "shop" } } }, cancellationToken: Cancelled);
        var waiting = Given.Database("copy", space);
        waiting.Spec.BackupRef = new() { Name = "own" };
        var locked = Given.Database("shop", space);
        locked.Spec.BackupRef = new() { Name = "own" };
        await _running.Client.CreateAsync(waiting, cancellationToken: Cancelled);
        await _running.Client.CreateAsync(locked, cancellationToken: Cancelled);

        var failed = await _running.SeenAsync(space, "shop", Phases.Failed);
        Assert.Equal("BackupOfItself", Conditions.Find(failed.Status!.Conditions, "Ready")!.Reason);
        await _running.SeenAsync(space, "copy", Phases.Pending, now => Conditions.Find(now.Status!.Conditions, "Progressing")!.Reason == "WaitingForBackup");
        var ready = """{"status": {"phase": "Completed", "conditions": [{"type": "BackupReady", "status": "True", "reason": "BackupCompleted", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}"""u8;
        await _running.Client.PatchStatusAsync<Backup>(new(space, "own"), ready.ToArray(), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "copy", Phases.Ready);
    }

    [Fact]
    public async Task Defect12_a_Database_that_is_deleted_before_it_is_seen_gets_no_finalizer_and_goes()
    {
        var space = await _running.NamespaceAsync("early");
        await _running.StopOperatorAsync();
        var database = Given.Database(@namespace: space);
        database.Metadata.Finalizers = ["example.com/held"];
        await _running.Client.CreateAsync(database, cancellationToken: Cancelled);
        await _running.Client.DeleteAsync<Database>(database.Key, cancellationToken: Cancelled);

        await _running.StartOperatorAsync();
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(_running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);

        var held = await _running.Client.GetAsync<Database>(database.Key, Cancelled);
        Assert.Equal(["example.com/held"], held.Metadata.Finalizers);
    }

    [Fact]
    public async Task Deletion_takes_the_objects_and_leaves_the_volumes()
    {
        var space = await _running.NamespaceAsync("deletion");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);
        await _running.Client.DeleteAsync<Database>(new(space, "shop"), cancellationToken: Cancelled);

        await GoneAsync(Database.Resource, space, "shop");
        foreach (var (type, name) in ((ResourceType, string)[])[(ChildKinds.StatefulSet, "shop"), (ChildKinds.Service, "shop"), (ChildKinds.Secret, "shop-credentials"), (ChildKinds.Secret, "shop-superuser"), (ChildKinds.ConfigMap, "shop-primary")])
        {
            Assert.Null(await _running.Client.FindAsync(type, new(space, name), Cancelled));
        }

        Assert.NotNull(await _running.Client.FindAsync(ChildKinds.VolumeClaim, new(space, "data-shop-0"), Cancelled));
    }

    [Fact]
    public async Task An_annotation_replaces_the_password_once()
    {
        var space = await _running.NamespaceAsync("rotation");
        await _running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await _running.SeenAsync(space, "shop", Phases.Ready);
        var before = Credentials.Read(await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials"))!;

        await _running.Client.PatchAsync<Database>(new(space, "shop"), PatchType.Merge, """{"metadata": {"annotations": {"database.example.com/rotate-password": "now"}}}"""u8.ToArray(), cancellationToken: Cancelled);

        var after = Credentials.Read(await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials", secret => Credentials.Read(secret)!.RotatedFor == "now"))!;
        Assert.NotEqual(before.Password, after.Password);
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(_running.Operator.IsIdle), idle => idle, cancellationToken: Cancelled);
        Assert.Equal(after, Credentials.Read(await _running.FindAsync(ChildKinds.Secret, space, "shop-credentials")));
    }

    private Task<DynamicObject?> GoneAsync(ResourceType type, string space, string name) => Eventually.SeeAsync(
        $"no {type.Kind} {name}", token => _running.Client.FindAsync(type, new(space, name), token), found => found is null, cancellationToken: Cancelled);
}
