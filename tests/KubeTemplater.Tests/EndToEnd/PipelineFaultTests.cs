using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>What becomes of templates when the API server does what it should not, or somebody changes them at the worst moment.</summary>
public sealed class PipelineFaultTests
{
    private const string StatusOfTemplates = "kubetemplates.kubetemplater.io/status";
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);

    private static readonly KubeTemplaterOptions _quick = new()
    {
        MaxRetries = 5, InitialRetryDelay = TimeSpan.FromMilliseconds(10), MaxRetryDelay = TimeSpan.FromMilliseconds(30), MaxRetryCycles = 0,
    };

    [Fact]
    public async Task R14_a_change_during_a_run_is_applied_after_it()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await under.NamespaceWithPolicyAsync("blue", Rules);
        var slow = under.Cluster.Faults.Add(Fault.Delay(TimeSpan.FromSeconds(2)).On("patch", "configmaps").Times(1));
        await under.Cluster.InstallAsync(Template("before"));
        await Eventually.SeeAsync("the first apply to be under way", _ => Task.FromResult(slow.Injected), count => count == 1);

        await under.Cluster.InstallAsync(Template("after"));

        var completed = await under.ReportedAsync("blue", "shop", Phases.Completed);
        Assert.Equal(2, completed.Status!.ObservedGeneration);
        Assert.Equal("after", (string?)(await under.Client.GetAsync(_configMaps, new("blue", "settings"))).ToJson()["data"]!["mode"]);
    }

    [Theory]
    [InlineData("configmaps")]
    [InlineData(StatusOfTemplates)]
    public async Task What_the_server_fails_at_for_a_while_is_done_in_the_end(string resource)
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await under.NamespaceWithPolicyAsync("blue", Rules);
        var failing = under.Cluster.Faults.Add(Fault.InternalError().On("patch", resource).Times(8));
        await under.Cluster.InstallAsync(Template("fast"));

        var completed = await under.ReportedAsync("blue", "shop", Phases.Completed);

        Assert.Equal(8, failing.Injected);
        Assert.Equal((0, 0), (completed.Status!.RetryCount, completed.Status.RetryCycle));
    }

    [Fact]
    public async Task A_status_that_loses_to_others_is_written_in_the_end_and_nothing_is_applied_for_it_again()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick);
        await under.NamespaceWithPolicyAsync("blue", Rules);
        under.Cluster.Faults.Add(Fault.Conflict().On("patch", StatusOfTemplates).Times(3));
        await under.Cluster.InstallAsync(Template("fast"));

        await under.ReportedAsync("blue", "shop", Phases.Completed);

        Assert.Equal(1, await under.ServerCountAsync("APPLY", "configmaps"));
    }

    [Fact]
    public async Task R12_a_template_whose_annotation_cannot_be_removed_does_not_run_until_it_can()
    {
        await using var under = await OperatorUnderTest.StartAsync(_quick with { MaxRetries = 1, MaxRetryCycles = 1 });
        await under.NamespaceWithPolicyAsync("blue", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [missing]}]");
        await under.Cluster.InstallAsync(Template("fast", "missing"));
        await under.ReportedAsync("blue", "shop", Phases.Paused);
        await under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: missing}}");
        var applies = await under.ServerCountAsync("APPLY", "configmaps");
        var refusing = under.Cluster.Faults.Add(Fault.Error(403, StatusReasons.Forbidden, "no").On("patch", "kubetemplates.kubetemplater.io").From("kubetemplater"));

        await under.Client.PatchAsync(
            KubeTemplate.Resource, new("blue", "shop"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"annotations":{"kubetemplater.io/resume":"true"}}}"""));
        await Eventually.SeeAsync("three vain tries to remove it", _ => Task.FromResult(refusing.Injected), count => count >= 3);
        Assert.Equal(applies, await under.ServerCountAsync("APPLY", "configmaps"));

        refusing.Dispose();
        await under.ReportedAsync("blue", "shop", Phases.Completed);
        Assert.Equal(applies + 1, await under.ServerCountAsync("APPLY", "configmaps"));
    }

    private static string Rules => "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [blue]}]";

    private static string Template(string mode, string target = "blue") => $$$$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: shop, namespace: blue}
        spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: {{{{{{target}}}}}}}, data: {mode: {{{{{{mode}}}}}}}}}]}
        """;
}
