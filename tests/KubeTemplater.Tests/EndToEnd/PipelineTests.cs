using System.Text;
using Capstan;
using Capstan.Applying;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>What becomes of templates that fail, over the wire: an object for a namespace that does not exist is refused until there is one.</summary>
public sealed class PipelineTests
{
    private static readonly KubeTemplaterOptions _quick = new()
    {
        MaxRetries = 2, InitialRetryDelay = TimeSpan.FromMilliseconds(10), MaxRetryDelay = TimeSpan.FromMilliseconds(30), MaxRetryCycles = 2,
    };

    private static readonly KubeTemplaterOptions _patient = new() { InitialRetryDelay = TimeSpan.FromHours(1), MaxRetryDelay = TimeSpan.FromHours(2) };

    [Fact]
    public async Task After_all_cycles_of_retries_a_template_is_paused_and_says_so_everywhere()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await GivenTemplateAsync(under, "blue");

        var paused = await under.ReportedAsync("blue", "shop", Phases.Paused);

        Assert.Equal(7, await under.ServerCountAsync("APPLY", "configmaps")); // two cycles of three tries, and the last
        Assert.Equal(7, await under.ServerCountAsync("PATCH", "kubetemplates", "status"));
        Assert.Equal((1, 2), (paused.Status!.RetryCount, paused.Status.RetryCycle));
        Assert.NotNull(paused.Status.PausedAt);
        Assert.Contains("namespaces \"missing\" not found", paused.Status.PausedReason, StringComparison.Ordinal);
        Assert.Equal(["Ready=False ApplyFailed", "Reconciling=False Paused", "Stalled=True Paused"], Says(paused));
        var events = await Eventually.SeeAsync(
            "the events", async ct => (await under.Client.ListAsync<KubeEvent>(new() { Namespace = "blue" }, ct)).Items, items => items.Any(one => one.Reason == "TemplatePaused"));
        Assert.Equal(["TemplateFailed Warning ", "TemplatePaused Warning "], events.Select(one => $"{one.Reason} {one.Type} {one.Series?.Count}").Order(StringComparer.Ordinal));
        Assert.Equal(paused.Metadata.Uid, events[0].Regarding!.Uid);
    }

    [Fact]
    public async Task R12_the_annotation_resumes_a_paused_template_once_and_is_removed()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await GivenTemplateAsync(under, "blue");
        await under.ReportedAsync("blue", "shop", Phases.Paused);

        await ResumeAsync(under);
        await Eventually.SeeAsync("seven tries more", _ => under.ServerCountAsync("APPLY", "configmaps"), count => count == 14);
        Assert.DoesNotContain("kubetemplater.io/resume", (await under.ReportedAsync("blue", "shop", Phases.Paused)).Metadata.Annotations ?? new Dictionary<string, string>());

        await under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: missing}}");
        await under.StopOperatorAsync();
        await under.StartOperatorAsync(_quick);
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(under.Operator.IsIdle), idle => idle);
        Assert.Equal(14, await under.ServerCountAsync("APPLY", "configmaps"));

        await ResumeAsync(under);
        var completed = await under.ReportedAsync("blue", "shop", Phases.Completed);

        Assert.Equal((0, 0, null, null), (completed.Status!.RetryCount, completed.Status.RetryCycle, completed.Status.PausedAt, completed.Status.PausedReason));
        Assert.Equal(["Ready=True Completed", "Reconciling=False Completed", "Stalled=False Completed"], Says(completed));
        Assert.Equal(15, await under.ServerCountAsync("APPLY", "configmaps"));
    }

    [Fact]
    public async Task R6_however_many_workers_there_are_a_template_never_runs_twice_at_once_and_many_changes_during_a_run_are_one_more()
    {
        await using var under = await OperatorUnderTest.StartAsync(new() { Workers = 8 });
        await under.NamespaceWithPolicyAsync("blue", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [blue]}]");
        var held = under.Cluster.Faults.Add(Fault.Delay(TimeSpan.FromSeconds(8)).On("patch", "configmaps").From("kubetemplater").Times(1));
        var next = under.Cluster.Faults.Add(Fault.Delay(TimeSpan.Zero).On("patch", "configmaps").From("kubetemplater").Skip(1));
        await under.Cluster.InstallAsync(Template(0));
        await Eventually.SeeAsync("the first run at its apply", _ => Task.FromResult(held.Injected), count => count == 1);

        for (var i = 1; i <= 20; i++)
        {
            await under.Client.PatchAsync(
                KubeTemplate.Resource, new("blue", "shop"), PatchType.Merge,
                Encoding.UTF8.GetBytes($$$"""{"spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"n":"{{{i}}}"} } }]} }"""));
        }

        // A template of another namespace goes its way meanwhile: there are workers, and the changes have come.
        await under.NamespaceWithPolicyAsync("green", "[]");
        await under.Cluster.InstallAsync("{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {name: other, namespace: green}, spec: {templates: []}}");
        await under.ReportedAsync("green", "other", Phases.Completed);
        if (await under.ServerCountAsync("APPLY", "configmaps") == 0)
        {
            // The first run is still at its apply, and nobody else began one; the changes are one key that waits.
            Assert.Equal(0, next.Injected);
            Assert.InRange(under.Operator.QueueDepth, 0, 1);
        }

        await Eventually.SeeAsync(
            "the last change", async ct => (string?)(await under.Client.GetAsync(new("", "v1", "ConfigMap", "configmaps", true), new("blue", "one"), ct)).ToJson()["data"]!["n"], n => n == "20");
        await under.ReportedAsync("blue", "shop", Phases.Completed);
        Assert.Equal(2, await under.ServerCountAsync("APPLY", "configmaps"));

        static string Template(int n) =>
            $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: shop, namespace: blue}}, spec: {{templates: [{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: one}}, data: {{n: '{n}'}}}}}}]}}}}";
    }

    [Fact]
    public async Task R4_a_failed_template_waits_out_its_time_across_a_restart_and_is_then_tried()
    {
        await using var under = await OperatorUnderTest.StartAsync(_patient);
        await GivenTemplateAsync(under, "blue");
        var failed = await under.ReportedAsync("blue", "shop", Phases.Failed, "not found");
        Assert.Equal((1, 0), (failed.Status!.RetryCount, failed.Status.RetryCycle));
        Assert.Equal(["Ready=False ApplyFailed", "Reconciling=True Retry", "Stalled=False Retry"], Says(failed));

        await RestartAsync(under, _patient);
        Assert.Equal(1, await under.ServerCountAsync("APPLY", "configmaps"));

        await under.StopOperatorAsync();
        var anHourAgo = KubeTime.Format(failed.Status.ProcessedAt!.Value - TimeSpan.FromHours(1.1));
        await under.Client.PatchAsync(
            KubeTemplate.Resource, new("blue", "shop"), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"status":{"processedAt":"{{{anHourAgo}}}"}}"""), new() { Subresource = "status" });
        await under.StartOperatorAsync(_patient);
        await Eventually.SeeAsync("the second try", _ => under.ServerCountAsync("APPLY", "configmaps"), count => count == 2);

        await Eventually.SeeAsync("its count", ct => under.Client.GetAsync<KubeTemplate>(new("blue", "shop"), ct), t => t.Status?.RetryCount == 2);
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("policy")]
    [InlineData("annotation")]
    public async Task R4_what_somebody_changes_cuts_the_wait_short_and_counts_anew(string change)
    {
        await using var under = await OperatorUnderTest.StartAsync(_patient);
        await GivenTemplateAsync(under, "blue");
        await under.ReportedAsync("blue", "shop", Phases.Failed, "not found");
        await under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: missing}}");

        await ChangeAsync(under, change);

        var completed = await under.ReportedAsync("blue", "shop", Phases.Completed);
        Assert.Equal((0, 0), (completed.Status!.RetryCount, completed.Status.RetryCycle));
        var events = await Eventually.SeeAsync(
            "that it is well again", async ct => (await under.Client.ListAsync<KubeEvent>(new() { Namespace = "blue" }, ct)).Items, items => items.Any(one => one.Reason == "TemplateCompleted"));
        Assert.Equal(["TemplateCompleted", "TemplateFailed"], events.Select(one => one.Reason!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("policy")]
    [InlineData("annotation")]
    public async Task What_somebody_changes_while_the_operator_is_away_ends_the_pause(string change)
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await GivenTemplateAsync(under, "blue");
        await under.ReportedAsync("blue", "shop", Phases.Paused);
        await under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: missing}}");
        await under.StopOperatorAsync();

        await ChangeAsync(under, change);
        await under.StartOperatorAsync(_quick);

        Assert.Null((await under.ReportedAsync("blue", "shop", Phases.Completed)).Status!.PausedAt);
    }

    [Fact]
    public async Task A_violation_is_not_retried_and_says_that_it_waits_for_somebody()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await under.NamespaceWithPolicyAsync("blue", "[{kind: Secret, group: \"\", version: v1, targetNamespaces: [missing]}]");
        await under.Cluster.InstallAsync(Template("fast"));

        var failed = await under.ReportedAsync("blue", "shop", Phases.Failed, "not allowed");
        Assert.Equal(["Ready=False PolicyViolation", "Reconciling=False PolicyViolation", "Stalled=True PolicyViolation"], Says(failed));
        Assert.Equal((0, 0), (failed.Status!.RetryCount, failed.Status.RetryCycle));

        var statuses = await under.ServerCountAsync("PATCH", "kubetemplates", "status");
        await RestartAsync(under, _quick);
        Assert.Equal(statuses, await under.ServerCountAsync("PATCH", "kubetemplates", "status"));
        Assert.Equal(0, await under.ServerCountAsync("APPLY", "configmaps"));
    }

    [Fact]
    public async Task A_suspended_template_is_left_alone_and_says_so_until_it_is_not()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.NamespaceWithPolicyAsync("blue", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [blue]}]");
        await under.Cluster.InstallAsync(Template("fast", "blue"));
        await under.ReportedAsync("blue", "shop", Phases.Completed);

        await under.Cluster.InstallAsync(Template("slow", "blue", "suspend: true, "));
        var suspended = await under.ReportedAsync("blue", "shop", Phases.Completed, "Suspended");

        Assert.Equal(["Ready=Unknown Suspended", "Reconciling=False Suspended", "Stalled=False Suspended", "Suspended=True Suspended"], Says(suspended));
        Assert.Equal("fast", await ModeAsync(under));

        await ResumeAsync(under);
        await RestartAsync(under, new());
        Assert.Equal("fast", await ModeAsync(under));
        Assert.Equal(1, await under.ServerCountAsync("APPLY", "configmaps"));

        await under.Cluster.InstallAsync(Template("slow", "blue"));
        Assert.Equal(["Ready=True Completed", "Reconciling=False Completed", "Stalled=False Completed"], Says(await under.ReportedAsync("blue", "shop", Phases.Completed, "Completed")));
        Assert.Equal("slow", await ModeAsync(under));
    }

    [Fact]
    public async Task An_operator_for_some_namespaces_leaves_the_others_to_others()
    {
        await using var under = await OperatorUnderTest.StartAsync(new() { WatchNamespaces = ["red"] });
        foreach (var ns in (string[])["blue", "red"])
        {
            await under.NamespaceWithPolicyAsync(ns, $"[{{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [{ns}]}}]");
            await under.Cluster.InstallAsync(Template("fast", ns, "", ns));
        }

        await under.ReportedAsync("red", "shop", Phases.Completed);
        Assert.Null((await under.Client.GetAsync<KubeTemplate>(new("blue", "shop"))).Status);

        await under.StopOperatorAsync();
        await under.StartOperatorAsync(new() { WatchNamespaces = ["blue", "green"] });
        await under.ReportedAsync("blue", "shop", Phases.Completed);
    }

    private static async Task GivenTemplateAsync(OperatorUnderTest under, string ns)
    {
        await under.NamespaceWithPolicyAsync(ns, "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [missing]}]");
        await under.Cluster.InstallAsync(Template("fast"));
    }

    private static Task ChangeAsync(OperatorUnderTest under, string change) => change switch
    {
        "spec" => under.Cluster.InstallAsync(Template("slow")),
        "policy" => under.NamespaceWithPolicyAsync("blue", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [missing, blue]}]"),
        _ => ResumeAsync(under),
    };

    private static Task ResumeAsync(OperatorUnderTest under) => under.Client.PatchAsync(
        KubeTemplate.Resource, new("blue", "shop"), PatchType.Merge, """{"metadata":{"annotations":{"kubetemplater.io/resume":"true"}}}"""u8.ToArray());

    private static async Task RestartAsync(OperatorUnderTest under, KubeTemplaterOptions options)
    {
        await under.StopOperatorAsync();
        await under.StartOperatorAsync(options);
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(under.Operator.IsIdle), idle => idle);
    }

    private static IEnumerable<string> Says(KubeTemplate template)
    {
        Assert.All(template.Status!.Conditions!, condition => Assert.Equal(template.Metadata.Generation, condition.ObservedGeneration));
        return template.Status.Conditions!.Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}").Order(StringComparer.Ordinal);
    }

    private static async Task<string?> ModeAsync(OperatorUnderTest under) =>
        (string?)(await under.Client.GetAsync(new ResourceType("", "v1", "ConfigMap", "configmaps", true), new("blue", "settings"))).ToJson()["data"]!["mode"];

    private static string Template(string mode, string target = "missing", string more = "", string ns = "blue") => $$$$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: shop, namespace: {{{{{{ns}}}}}}}
        spec: { {{{{{{more}}}}}}templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: {{{{{{target}}}}}}}, data: {mode: {{{{{{mode}}}}}}}}}] }
        """;
}
