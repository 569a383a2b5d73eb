using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Applying;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Tests.Dumps;

/// <summary>What is made of Backups and Restores, and what they say while it cannot be; pods do not run here.</summary>
public class BackupObjectsTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType Events = new("events.k8s.io", "v1", "Event", "events", Namespaced: true);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private OperatorUnderTest Running => shared.Running;

    [Fact]
    public async Task Scenario34_what_is_missing_is_waited_for_and_told_and_work_begins_when_it_comes()
    {
        var space = await Running.NamespaceAsync("missing");
        await CreateAsync(new Restore { Metadata = Named("back"), Spec = new() { DatabaseRef = new() { Name = "new" }, BackupRef = new() { Name = "now" } } });
        await SeeReasonAsync<Restore>(space, "back", "Pending", "BackupNotFound");
        await CreateAsync(Of("now", "shop", space));
        await CreateAsync(Of("there", "shop", space, spec => spec.StorageLocation = "archive"));
        await SeeReasonAsync<Backup>(space, "now", "Pending", "DatabaseNotFound");
        await SeeReasonAsync<Restore>(space, "back", "Pending", "BackupNotCompleted");
        await SeeEventAsync(space, "now", "Warning", "DatabaseNotFound");
        await Running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await SeeReasonAsync<Backup>(space, "now", "InProgress", "BackupInProgress");
        await SeeReasonAsync<Backup>(space, "there", "Pending", "VolumeNotFound");
        await SeeEventAsync(space, "there", "Warning", "VolumeNotFound");
        await Running.Cluster.InstallAsync(
            $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: archive, namespace: {space}}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}", Cancelled);
        await SeeReasonAsync<Backup>(space, "there", "InProgress", "BackupInProgress");
        var claim = await Running.FindAsync(ChildKinds.VolumeClaim, space, "shop-backups");
        Assert.Empty(claim.OwnerReferences);

        ObjectMeta Named(string name) => new() { Name = name, Namespace = space };
    }

    [Fact]
    public async Task A_Job_that_ends_without_a_word_of_a_copy_leaves_no_copy_and_is_not_run_again()
    {
        var space = await Running.NamespaceAsync("wordless");
        await Running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await CreateAsync(Of("now", "shop", space));
        await EndPodAsync(space, "now-backup");

        var failed = await SeeReasonAsync<Backup>(space, "now", "Failed", "BackupFailed");
        Assert.Contains("no word of a copy", failed.Status!.LastRun!.Message, StringComparison.Ordinal);
        Assert.False(Conditions.IsTrue(failed.Status.Conditions, "BackupReady"));
        await SeeEventAsync(space, "now", "Warning", "BackupFailed");
        await Running.Client.DeleteAsync(ChildKinds.Job, new(space, "now-backup"), new() { PropagationPolicy = "Background" }, Cancelled);
        await Running.ChangeBackupAsync(space, "now", """{"retention": 3}""");
        await Eventually.SeeAsync("the new spec to be seen", token => Running.Client.GetAsync<Backup>(new(space, "now"), token), now => now.Status!.ObservedGeneration == now.Metadata.Generation, cancellationToken: Cancelled);
        Assert.Null(await Running.Client.FindAsync(ChildKinds.Job, new(space, "now-backup"), Cancelled));
    }

    [Fact]
    public async Task Defect06_a_schedule_is_a_CronJob_that_follows_the_Backup_is_mended_and_rests_without_its_Database()
    {
        var space = await Running.NamespaceAsync("scheduled");
        await Running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await CreateAsync(Of("nightly", "shop", space, spec => spec.Schedule = "0 3 * * *"));
        var cron = await FindCronAsync(space, "nightly-backup", _ => true);
        Assert.Equal(
            ("0 3 * * *", "Forbid", "Etc/UTC", false),
            ((string?)cron["schedule"], (string?)cron["concurrencyPolicy"], (string?)cron["timeZone"], (bool?)cron["suspend"]));
        await SeeReasonAsync<Backup>(space, "nightly", "Pending", "Scheduled");

        await Running.ChangeBackupAsync(space, "nightly", """{"schedule": "@hourly", "retention": 2}""");
        cron = await FindCronAsync(space, "nightly-backup", spec => (string?)spec["schedule"] == "@hourly");
        Assert.Equal("2", Variable(cron["jobTemplate"]!["spec"]!, "RETENTION"));
        await Running.Client.DeleteAsync(ChildKinds.CronJob, new(space, "nightly-backup"), new(), Cancelled);
        await FindCronAsync(space, "nightly-backup", spec => (string?)spec["schedule"] == "@hourly");
        await Running.ChangeBackupAsync(space, "nightly", """{"suspend": true}""");
        await FindCronAsync(space, "nightly-backup", spec => (bool?)spec["suspend"] == true);
        await Running.ChangeBackupAsync(space, "nightly", """{"suspend": null}""");
        await FindCronAsync(space, "nightly-backup", spec => (bool?)spec["suspend"] == false);

        await Running.Client.DeleteAsync<Database>(new(space, "shop"), new DeleteOptions(), Cancelled);
        await FindCronAsync(space, "nightly-backup", spec => (bool?)spec["suspend"] == true);
        await SeeReasonAsync<Backup>(space, "nightly", "Pending", "DatabaseNotFound");
        await Eventually.SeeAsync("the Database to go", token => Running.Client.FindAsync<Database>(new(space, "shop"), token), gone => gone is null, cancellationToken: Cancelled);
        await Running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await FindCronAsync(space, "nightly-backup", spec => (bool?)spec["suspend"] == false);
    }

    [Fact]
    public async Task What_the_server_refuses_or_somebody_else_has_is_told_and_left_alone()
    {
        var space = await Running.NamespaceAsync("foreign");
        await Running.Client.CreateAsync(Given.Database(@namespace: space), cancellationToken: Cancelled);
        await Running.Client.CreateAsync(Given.Database("other", space), cancellationToken: Cancelled);
        await Running.Cluster.InstallAsync(
            $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: taken-backup, namespace: {space}}}, spec: {{suspend: true, template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: a}}]}}}}}}}}", Cancelled);
        await Running.Cluster.InstallAsync(
            $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: other-backups, namespace: {space}}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}", Cancelled);
        await CreateAsync(Of("hours", "shop", space, spec => spec.Schedule = "0 25 * * *"));
        await CreateAsync(Of("taken", "shop", space));
        await CreateAsync(Of("volume", "other", space));

        await SeeReasonAsync<Backup>(space, "hours", "Failed", "CronJobCreationFailed");
        await SeeEventAsync(space, "hours", "Warning", "CronJobCreationFailed");
        await SeeReasonAsync<Backup>(space, "taken", "Failed", "JobCreationFailed");
        await SeeReasonAsync<Backup>(space, "volume", "Failed", "VolumeNameTaken");

        // It goes on as soon as it can.
        await Running.ChangeBackupAsync(space, "hours", """{"schedule": "0 5 * * *"}""");
        await SeeReasonAsync<Backup>(space, "hours", "Pending", "Scheduled");
    }

    [Theory]
    [InlineData("""{"databaseRef": {"name": "shop"}, "schedule": "daily"}""", "spec.schedule")]
    [InlineData("""{"databaseRef": {"name": "shop"}, "schedule": "0 3 * *"}""", "spec.schedule")]
    [InlineData("""{"databaseRef": {"name": "shop"}, "schedule": "TZ=UTC 0 3 * * *"}""", "spec.schedule")]
    [InlineData("""{"databaseRef": {"name": "shop"}, "retention": 0}""", "spec.retention")]
    [InlineData("""{"databaseRef": {"name": "shop"}, "storageLocation": "s3://bucket"}""", "spec.storageLocation")]
    [InlineData("""{"databaseRef": {"name": ""}}""", "spec.databaseRef.name")]
    [InlineData("{}", "spec.databaseRef")]
    public async Task A_Backup_that_cannot_be_is_refused_by_its_definition(string spec, string says)
    {
        var refusal = await Assert.ThrowsAsync<ApiException>(() => Running.Client.CreateAsync(
            Backup.Resource, DynamicObject.From((JsonObject)JsonNode.Parse($$"""{"apiVersion": "database.example.com/v1", "kind": "Backup", "metadata": {"name": "wrong", "namespace": "default"}, "spec": {{spec}}}""")!), cancellationToken: Cancelled));

        Assert.True(refusal.IsInvalid);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"databaseRef": {"name": "other"}}""", "databaseRef is immutable")]
    [InlineData("""{"schedule": null}""", "a schedule cannot be added or taken away")]
    [InlineData("""{"storageLocation": "other"}""", "storageLocation is immutable")]
    public async Task A_Backup_cannot_become_that_of_something_else(string change, string says)
    {
        var name = $"fixed-{says.Length}";
        await CreateAsync(Of(name, "nobodys", "default", spec => spec.Schedule = "@daily"));

        var refusal = await Assert.ThrowsAsync<ApiException>(() => Running.ChangeBackupAsync("default", name, change));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private static Backup Of(string name, string database, string @namespace, Action<BackupSpec>? with = null)
    {
        var backup = new Backup { Metadata = new() { Name = name, Namespace = @namespace }, Spec = new() { DatabaseRef = new() { Name = database } } };
        with?.Invoke(backup.Spec);
        return backup;
    }

    private Task<T> CreateAsync<T>(T wanted)
        where T : KubeObject, IKubeObject<T> => Running.Client.CreateAsync(wanted, cancellationToken: Cancelled);

    private Task<T> SeeReasonAsync<T>(string @namespace, string name, string phase, string reason)
        where T : KubeObject, IKubeObject<T> => Eventually.SeeAsync(
            $"{name} to be {phase}: {reason}",
            token => Running.Client.GetAsync<T>(new(@namespace, name), token),
            now => now switch
            {
                Backup backup => backup.Status?.Phase == phase && Conditions.Find(backup.Status.Conditions, "Progressing")?.Reason == reason,
                Restore restore => restore.Status?.Phase == phase && Conditions.Find(restore.Status.Conditions, "RestoreReady")?.Reason == reason,
                _ => false,
            },
            cancellationToken: Cancelled);

    private Task SeeEventAsync(string @namespace, string about, string type, string reason) => Eventually.SeeAsync(
        $"event {reason} of {about}",
        async token => (await Running.Client.ListAsync(Events, new ListOptions { Namespace = @namespace }, token)).Items.Select(one => one.ToJson())
            .Where(one => (string?)one["regarding"]?["name"] == about).Select(one => $"{one["type"]} {one["reason"]}").ToList(),
        events => events.Contains($"{type} {reason}"),
        cancellationToken: Cancelled);

    private async Task<JsonNode> FindCronAsync(string @namespace, string name, Func<JsonNode, bool> holds) =>
        (await Running.FindAsync(ChildKinds.CronJob, @namespace, name, cron => holds(cron.ToJson()["spec"]!))).ToJson()["spec"]!;

    /// <summary>Says of a Job's pod what a node would that ran something else.</summary>
    private async Task EndPodAsync(string @namespace, string job)
    {
        var pods = await Eventually.SeeAsync(
            "the pod of the Job to run", token => Running.Client.ListAsync(ChildKinds.Pod, new ListOptions { Namespace = @namespace, LabelSelector = $"job-name={job}" }, token),
            list => list.Items.Count == 1 && (string?)list.Items[0].ToJson()["status"]?["phase"] == "Running", cancellationToken: Cancelled);
        await Running.Client.PatchAsync(
            ChildKinds.Pod, pods.Items[0].Key, PatchType.Merge, Encoding.UTF8.GetBytes("""{"status": {"phase": "Succeeded"}}"""), new() { Subresource = "status" }, Cancelled);
    }

    private static string? Variable(JsonNode job, string name) =>
        (string?)((JsonArray)job["template"]!["spec"]!["containers"]![0]!["env"]!).First(one => (string?)one!["name"] == name)!["value"];
}
