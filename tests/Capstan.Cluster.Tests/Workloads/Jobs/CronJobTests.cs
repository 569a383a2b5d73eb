using System.Globalization;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Jobs.Cron;
using Capstan.Runtime.Tests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads.Jobs;

/// <summary>One look after the other, at times of the test's choosing, on a real server without controllers.</summary>
public sealed class CronJobTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_starts_once_at_its_time_and_history_is_kept_short()
    {
        await using var cluster = await StartAsync("successfulJobsHistoryLimit: 1");
        var start = await FirstAsync(cluster);
        var time = new ManualTime(start.AddMinutes(-1));
        Assert.True(await LookAsync(cluster, time) > TimeSpan.Zero);
        Assert.Empty(await JobsAsync(cluster));
        time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));
        await LookAsync(cluster, time);
        await LookAsync(cluster, time);
        var job = Assert.Single(await JobsAsync(cluster));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"c-{start.ToUnixTimeSeconds() / 60}"), job.Metadata.Name);
        Assert.Equal(KubeTime.Format(start), job.Metadata.Annotations!["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Equal("v", job.Metadata.Labels!["l"]);
        var cron = await CronAsync(cluster);
        Assert.Equal((job.Metadata.Uid, start), (cron.Status!.Active!.Single().Uid, cron.Status.LastScheduleTime));

        // The status of a start that was forgotten, as after a crash: the Job is found by its name.
        await cluster.Client.UpdateAsync(cron with { Status = new() }, new WriteOptions { Subresource = "status" }, Stop);
        await LookAsync(cluster, time);
        Assert.Single(await JobsAsync(cluster));
        Assert.Single((await CronAsync(cluster)).Status!.Active!);

        await EndAsync(cluster, job, "Complete");
        time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(cluster, time);
        var second = (await JobsAsync(cluster)).Single(one => one.Finished is null);
        await EndAsync(cluster, second, "Complete");
        await LookAsync(cluster, time);
        Assert.Equal(second.Metadata.Name, Assert.Single(await JobsAsync(cluster)).Metadata.Name);
        cron = await CronAsync(cluster);
        Assert.Null(cron.Status!.Active);
        Assert.NotNull(cron.Status.LastSuccessfulTime);
    }

    [Theory]
    [InlineData("Allow", 2, 2)]
    [InlineData("Forbid", 1, 1)]
    [InlineData("Replace", 1, 1)]
    public async Task What_still_runs_is_joined_waited_for_or_replaced(string policy, int jobs, int active)
    {
        await using var cluster = await StartAsync($"concurrencyPolicy: {policy}");
        var time = new ManualTime((await FirstAsync(cluster)).AddSeconds(1));
        await LookAsync(cluster, time);
        var first = Assert.Single(await JobsAsync(cluster));
        time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(cluster, time);
        var all = await JobsAsync(cluster);
        Assert.Equal((jobs, active), (all.Count, (await CronAsync(cluster)).Status!.Active!.Count));
        Assert.Equal(policy != "Replace", all.Exists(job => job.Metadata.Uid == first.Metadata.Uid));
    }

    [Theory]
    [InlineData("suspend: true")]
    [InlineData("startingDeadlineSeconds: 10")]
    public async Task What_is_suspended_or_too_late_does_not_start(string spec)
    {
        await using var cluster = await StartAsync(spec);
        await LookAsync(cluster, new ManualTime((await FirstAsync(cluster)).AddSeconds(30)));
        Assert.Empty(await JobsAsync(cluster));
    }

    private static async Task<TestCluster> StartAsync(string spec)
    {
        var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);
        await cluster.InstallAsync(
            $"{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: c, namespace: default}}, spec: {{schedule: \"* * * * *\", timeZone: Etc/UTC, {spec}, jobTemplate: {{metadata: {{labels: {{l: v}}}}, spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: m, image: i}}]}}}}}}}}}}}}",
            Stop);
        return cluster;
    }

    private static async Task<TimeSpan?> LookAsync(TestCluster cluster, ManualTime time)
    {
        var client = new KubeClient(cluster.Client.Config, new KubeClientOptions { TimeProvider = time });
        using (client)
        {
            return await new CronJobRun(client, new ClusterEvents(client).From("cronjob-controller"), await CronAsync(cluster), await JobsAsync(cluster)).RunAsync(Stop);
        }
    }

    // Its first time: the minute after the one in which the server made it.
    private static async Task<DateTimeOffset> FirstAsync(TestCluster cluster) =>
        (await CronAsync(cluster)).Metadata.CreationTimestamp!.Value is var made ? made.AddSeconds(60 - made.Second) : default;

    private static Task<CronJob> CronAsync(TestCluster cluster) => cluster.Client.GetAsync<CronJob>(new("default", "c"), Stop);

    private static async Task<List<Job>> JobsAsync(TestCluster cluster) =>
        [.. (await cluster.Client.ListAsync<Job>(new ListOptions { Namespace = "default" }, Stop)).Items];

    private static Task EndAsync(TestCluster cluster, Job job, string type)
    {
        var at = KubeTime.Truncate(TimeProvider.System.GetUtcNow());
        JobCondition Condition(string of) => new() { Type = of, Status = "True", LastProbeTime = at, LastTransitionTime = at };
        var status = new JobStatus { StartTime = at, CompletionTime = at, Succeeded = 1, Conditions = [Condition("SuccessCriteriaMet"), Condition(type)], UncountedTerminatedPods = new() };
        return cluster.Client.UpdateAsync(job with { Status = status }, new WriteOptions { Subresource = "status" }, Stop);
    }
}
