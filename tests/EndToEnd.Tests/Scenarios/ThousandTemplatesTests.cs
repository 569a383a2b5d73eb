using System.Globalization;
using Capstan.Testing;
using EndToEnd.Tests.Programs;
using KubeTemplater.Resources;

namespace EndToEnd.Tests.Scenarios;

/// <summary>A thousand templates, and what they cost the server by its own count.</summary>
[Collection(WithKubeTemplater.Name)]
public sealed class ThousandTemplatesTests(ClusterFixture cluster, KubeTemplaterFixture operators)
{
    private const int Count = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string[] Reads = ["GET", "LIST", "WATCH", "CONNECT"];

    [Fact]
    public async Task A_thousand_templates_of_one_config_map_applied_with_kubectl_all_complete()
    {
        var kubectl = await operators.KubectlAsync();
        var applied = await kubectl.TryWithAsync(Templates.Many(Count, 1, "load"), "apply", "-f", "-");
        Assert.Equal(Count, applied.Success().Out.Split('\n').Count(line => line.EndsWith(" created", StringComparison.Ordinal)));
        await kubectl.AllCompletedAsync(Count, Patience);
        Assert.Equal(Count, (await kubectl.DoAsync("get", "configmaps", "-l", "kubetemplater.io/template-name", "-o", "name")).Split('\n').Length);
        Assert.Equal(0, operators.Operator.QueueDepth);
    }

    [Fact]
    public async Task A_thousand_templates_of_two_config_maps_cost_three_calls_each_and_a_restart_costs_none()
    {
        var kubectl = await operators.KubectlAsync();
        if (!cluster.IsExternal)
        {
            // What other tests left failing is tried again, and would be counted here.
            using var client = cluster.NewClient("clean-up");
            foreach (var left in (await client.ListAsync<KubeTemplate>(cancellationToken: TestContext.Current.CancellationToken)).Items)
            {
                await client.DeleteAsync<KubeTemplate>(left.Key, cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        var before = await CountsAsync(kubectl);
        var start = TimeProvider.System.GetTimestamp();
        await cluster.CreateAsync(kubectl.Namespace, Templates.Many(Count, 2, "load"));
        await kubectl.AllCompletedAsync(Count, Patience);
        await IdleAsync();
        var took = TimeProvider.System.GetElapsedTime(start);
        var spent = (await CountsAsync(kubectl)).Since(before).Where(entry => !Reads.Contains(entry.Key.Verb)).ToDictionary();
        var told = string.Join('\n', spent.Select(entry => $"{entry.Value.ToString(CultureInfo.InvariantCulture),6} {entry.Key}"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Count} templates in {took.TotalSeconds:0.0} s:\n{told}");

        Assert.True(spent.Remove(("POST", "kubetemplates", "", "201"), out var created) && created == Count, told);
        Assert.True(spent.Remove(("APPLY", "configmaps", "", "201"), out var applied) && applied == 2 * Count, told);
        Assert.True(spent.Remove(("PATCH", "kubetemplates", "status", "200"), out var patched), told);

        // One status each; a mark more for a template that waited or ran over ten seconds, and never more than a tenth of the writes, those before this test included.
        Assert.InRange(patched, Count, took < TimeSpan.FromSeconds(10) ? Count : Count + 4 * Count / 9);

        // A policy's counts are written in rounds of ten seconds, whatever the number of templates.
        spent.Remove(("PATCH", "kubetemplatepolicies", "status", "200"), out var policyStatuses);
        var policies = long.Parse(await kubectl.DoAsync("get", "kubetemplatepolicies", "-A", "-o", "go-template={{len .items}}"), CultureInfo.InvariantCulture);
        Assert.InRange(policyStatuses, 0, policies * (2 + (int)(took.TotalSeconds / 10)));
        if (!cluster.IsExternal)
        {
            Assert.True(spent.Count == 0, $"writes that nobody should have made:\n{told}");
        }

        await operators.StopAsync();
        var stopped = await CountsAsync(kubectl);
        await operators.StartAsync();
        await IdleAsync();
        // The operator's own manifests are applied again before it starts.
        string[] manifests = ["customresourcedefinitions", "namespaces", "serviceaccounts", "clusterroles", "clusterrolebindings", "roles", "rolebindings"];
        var restarted = (await CountsAsync(kubectl)).Since(stopped)
            .Where(entry => !Reads.Contains(entry.Key.Verb) && entry.Key.Resource != "leases" && !(entry.Key.Verb == "APPLY" && manifests.Contains(entry.Key.Resource)))
            .Where(entry => !cluster.IsExternal || entry.Key.Code is "200" or "201")
            .ToDictionary();
        Assert.True(restarted.Count == 0, string.Join('\n', restarted));
    }

    private Task IdleAsync() => Eventually.SeeAsync(
        "the operator to have nothing to do", _ => Task.FromResult(operators.Operator.IsIdle), idle => idle, Patience, TestContext.Current.CancellationToken);

    private static async Task<RequestCounts> CountsAsync(Kubectl kubectl) => RequestCounts.Read(await kubectl.DoAsync("get", "--raw", "/metrics"));
}
