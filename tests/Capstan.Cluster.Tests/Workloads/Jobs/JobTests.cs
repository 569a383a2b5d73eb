using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads.Jobs;

public sealed class JobTests
{
    private const string Container = "template: {spec: {restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: main, image: \"a:1\"}]}}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_many_pods_as_allowed_run_until_enough_have_succeeded()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await InstallAsync(cluster, "completions: 3, parallelism: 2");
        var job = await JobAsync(cluster, job => job.Status is { Active: 2, Ready: 0, StartTime: not null });
        Assert.Equal(0, job.Status!.Terminating);
        var first = await PodsAsync(cluster, 2);
        Assert.All(first, pod => Assert.Equal(["batch.kubernetes.io/job-tracking"], pod.Metadata.Finalizers));
        await EndAsync(cluster, first[0], 0);
        await JobAsync(cluster, job => job.Status is { Active: 2, Succeeded: 1 });
        foreach (var pod in (await PodsAsync(cluster, 3)).Where(pod => !pod.HasEnded))
        {
            await EndAsync(cluster, pod, 0);
        }

        job = await JobAsync(cluster, job => job.Finished is not null);
        Assert.Equal("SuccessCriteriaMet CompletionsReached,Complete CompletionsReached", string.Join(',', job.Status!.Conditions!.Select(one => $"{one.Type} {one.Reason}")));
        Assert.Equal((3, 0, null), (job.Status.Succeeded, job.Status.Active, job.Status.UncountedTerminatedPods!.Succeeded));
        Assert.Equal(job.Finished!.LastTransitionTime, job.Status.CompletionTime);
        await Eventually.SeeAsync("pods without finalizers", stop => ListAsync(cluster, stop), pods => pods.TrueForAll(pod => pod.Metadata.Finalizers is null), cancellationToken: Stop);
    }

    [Fact]
    public async Task A_job_that_fails_too_often_or_lasts_too_long_says_why_and_goes_in_its_time()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await InstallAsync(cluster, "backoffLimit: 0");
        await EndAsync(cluster, (await PodsAsync(cluster, 1))[0], 7);
        var job = await JobAsync(cluster, job => job.Finished is not null);
        Assert.Equal(
            "FailureTarget BackoffLimitExceeded Job has reached the specified backoff limit,Failed BackoffLimitExceeded Job has reached the specified backoff limit",
            string.Join(',', job.Status!.Conditions!.Select(one => $"{one.Type} {one.Reason} {one.Message}")));
        Assert.Equal((1, 0), (job.Status.Failed, job.Status.Active));

        await cluster.Client.DeleteAsync<Job>(job.Key, new DeleteOptions { PropagationPolicy = "Background" }, Stop);
        await Eventually.SeeAsync("no pods", stop => ListAsync(cluster, stop), pods => pods.Count == 0, cancellationToken: Stop);
        await InstallAsync(cluster, "activeDeadlineSeconds: 1, parallelism: 2, completions: 4");
        job = await JobAsync(cluster, job => job.Finished is not null);
        Assert.Equal(("DeadlineExceeded", 2), (job.Finished!.Reason, job.Status!.Failed));
        await Eventually.SeeAsync("no pods", stop => ListAsync(cluster, stop), pods => pods.Count == 0, cancellationToken: Stop);
        await PatchAsync(cluster, """{"spec":{"ttlSecondsAfterFinished":0}}""");
        await Eventually.SeeAsync("the job to go", stop => cluster.Client.FindAsync<Job>(job.Key, stop), found => found is null, cancellationToken: Stop);
    }

    [Fact]
    public async Task Each_index_has_its_pod_its_tries_and_its_end()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await InstallAsync(cluster, "completionMode: Indexed, completions: 3, parallelism: 3, backoffLimitPerIndex: 1");
        var pods = await PodsAsync(cluster, 3);
        var one = pods.Single(pod => Index(pod) == "1");
        Assert.Equal(("j-1", "1"), (one.Spec.Hostname, one.Metadata.Labels!["batch.kubernetes.io/job-completion-index"]));
        Assert.StartsWith("j-1-", one.Metadata.Name, StringComparison.Ordinal);
        Assert.Contains(one.Spec.Containers[0].Env!, variable => variable is { Name: "JOB_COMPLETION_INDEX", ValueFrom.FieldRef.FieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" });
        await EndAsync(cluster, pods.Single(pod => Index(pod) == "0"), 0);
        await EndAsync(cluster, pods.Single(pod => Index(pod) == "2"), 0);
        await EndAsync(cluster, one, 1);
        var again = (await Eventually.SeeAsync(
            "another pod of index 1", stop => ListAsync(cluster, stop), all => all.Exists(pod => !pod.HasEnded), cancellationToken: Stop)).Single(pod => !pod.HasEnded);
        Assert.Equal(("1", "1"), (Index(again), again.Metadata.Annotations!["batch.kubernetes.io/job-index-failure-count"]));
        await JobAsync(cluster, job => job.Status is { CompletedIndexes: "0,2", FailedIndexes: "", Failed: 1 });
        await EndAsync(cluster, again, 1);
        var job = await JobAsync(cluster, job => job.Finished is not null);
        Assert.Equal(("FailedIndexes", "0,2", "1", 2, 2), (job.Finished!.Reason, job.Status!.CompletedIndexes, job.Status.FailedIndexes, job.Status.Failed, job.Status.Succeeded));
    }

    [Fact]
    public async Task A_suspended_job_has_no_pods_and_begins_anew_when_resumed()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await InstallAsync(cluster, "parallelism: 2, completions: 2");
        await PodsAsync(cluster, 2);
        await PatchAsync(cluster, """{"spec":{"suspend":true}}""");
        var job = await JobAsync(cluster, job => job.Condition("Suspended") is { Status: "True" });
        Assert.Null(job.Status!.StartTime);
        await Eventually.SeeAsync("no pods", stop => ListAsync(cluster, stop), pods => pods.Count == 0, cancellationToken: Stop);
        await PatchAsync(cluster, """{"spec":{"suspend":false}}""");
        job = await JobAsync(cluster, job => job.Status is { Active: 2, StartTime: not null });
        Assert.Equal(("False", "JobResumed"), (job.Condition("Suspended")!.Status, job.Condition("Suspended")!.Reason));
        Assert.Equal(0, job.Status!.Failed);
    }

    [Fact]
    public async Task A_job_that_is_deleted_without_a_word_leaves_its_pods_to_nobody()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await InstallAsync(cluster, "completions: 1");
        var pod = (await PodsAsync(cluster, 1))[0];
        var job = await cluster.Client.DeleteAsync<Job>(new("default", "j"), cancellationToken: Stop);
        Assert.Equal(["orphan"], job!.Metadata.Finalizers);
        await Eventually.SeeAsync("the job to go", stop => cluster.Client.FindAsync<Job>(new("default", "j"), stop), found => found is null, cancellationToken: Stop);
        var left = await Eventually.SeeAsync(
            "a pod that nobody holds", stop => cluster.Client.GetAsync<Pod>(pod.Key, stop), one => one.Metadata.OwnerReferences is null && one.Metadata.Finalizers is null, cancellationToken: Stop);
        Assert.Null(left.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Nothing_is_counted_twice_or_lost_though_answers_are_lost_watches_break_and_the_controllers_start_anew()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);
        var controllers = await RunningOperator.StartAsync(ClusterControllers.Build(cluster.NewClient("controllers")), Stop);
        cluster.Faults.Add(Fault.InternalError().On("patch,update,create", "pods").From("controllers").WithProbability(0.1));
        cluster.Faults.Add(Fault.Conflict().On("update", "jobs").From("controllers").WithProbability(0.2));
        cluster.Faults.Add(Fault.DropWatch(3).On("watch", "pods").From("controllers").WithProbability(0.3));
        await InstallAsync(cluster, "completions: 20, parallelism: 4, backoffLimit: 1000");
        var ended = new HashSet<string>();
        for (var round = 0; ended.Count < 20; round++)
        {
            if (round is 3 or 8)
            {
                // As after a crash: whatever was on its way is forgotten.
                await controllers.DisposeAsync();
                controllers = await RunningOperator.StartAsync(ClusterControllers.Build(cluster.NewClient("controllers")), Stop);
            }

            var active = await Eventually.SeeAsync("active pods", stop => ListAsync(cluster, stop), pods => pods.Exists(pod => !pod.HasEnded), cancellationToken: Stop);
            var running = active.FindAll(pod => !pod.HasEnded);
            Assert.InRange(running.Count, 1, 4);
            foreach (var pod in running.Take(2))
            {
                await EndAsync(cluster, pod, 0);
                ended.Add(pod.Metadata.Uid!);
            }
        }

        cluster.Faults.Clear();
        var job = await JobAsync(cluster, job => job.Finished is not null);
        await controllers.DisposeAsync();
        var pods = await ListAsync(cluster, Stop);
        TestContext.Current.TestOutputHelper!.WriteLine($"{ended.Count} ended, {pods.Count} pods, status {job.Status}");
        Assert.Equal((20, 0), (job.Status!.Succeeded, job.Status.Failed));
        Assert.Equal(20, pods.Count);
    }

    private static string? Index(Pod pod) => pod.Metadata.Annotations?.GetValueOrDefault("batch.kubernetes.io/job-completion-index");

    private static Task InstallAsync(TestCluster cluster, string spec) =>
        cluster.InstallAsync($"{{apiVersion: batch/v1, kind: Job, metadata: {{name: j, namespace: default}}, spec: {{{spec}, {Container}}}}}", Stop);

    private static Task PatchAsync(TestCluster cluster, string merge) =>
        cluster.Client.PatchAsync<Job>(new("default", "j"), PatchType.Merge, Encoding.UTF8.GetBytes(merge), cancellationToken: Stop);

    private static Task EndAsync(TestCluster cluster, Pod pod, int code)
    {
        // In the past: nobody waits for another try.
        var status = $$$$"""
            {"status":{"phase":"{{{{(code == 0 ? "Succeeded" : "Failed")}}}}","containerStatuses":[{"name":"main","image":"a:1","imageID":"x","ready":false,"restartCount":0,
            "state":{"terminated":{"exitCode":{{{{code}}}},"finishedAt":"2024-01-02T03:04:05Z"}}}]}}
            """;
        return cluster.Client.PatchStatusAsync<Pod>(pod.Key, Encoding.UTF8.GetBytes(status), cancellationToken: Stop);
    }

    private static Task<List<Pod>> PodsAsync(TestCluster cluster, int count) =>
        Eventually.SeeAsync($"{count} pods", stop => ListAsync(cluster, stop), pods => pods.Count == count, cancellationToken: Stop);

    private static async Task<List<Pod>> ListAsync(TestCluster cluster, CancellationToken stop) =>
        [.. (await cluster.Client.ListAsync<Pod>(new ListOptions { Namespace = "default", LabelSelector = "job-name=j" }, stop)).Items];

    private static Task<Job> JobAsync(TestCluster cluster, Func<Job, bool> holds) =>
        Eventually.SeeAsync("the job", stop => cluster.Client.GetAsync<Job>(new("default", "j"), stop), holds, cancellationToken: Stop);
}
