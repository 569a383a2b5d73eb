using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>What templates cost, on the server's own counters.</summary>
public sealed class CallCountTests
{
    private const int Templates = 1000;

    [Fact]
    public async Task A_thousand_templates_of_two_objects_cost_three_calls_each_and_a_restart_costs_none()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.NamespaceWithPolicyAsync("many", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [many]}]");
        var before = await WritesAsync(under);

        await Parallel.ForAsync(0, Templates, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, ct) =>
            await under.Client.CreateAsync(
                KubeTemplate.Resource,
                DynamicObject.Parse(Encoding.UTF8.GetBytes($$$$$$"""
                    {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"t{{{{{{i}}}}}}","namespace":"many"},
                     "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-a"},"data":{"n":"{{{{{{i}}}}}}"}}},
                                          {"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{{{{i}}}}}}-b"},"data":{"n":"{{{{{{i}}}}}}"}}}]}}
                    """)),
                cancellationToken: ct));
        await AllCompletedAsync(under);
        var after = await WritesAsync(under);
        var marks = after.Status - before.Status - Templates;

        Assert.Equal(2 * Templates, after.Applies - before.Applies);
        Assert.InRange(marks, 0, (2 * Templates + Templates) / 9); // marks only on a machine so slow that a template waits ten seconds
        Assert.Equal(2 * Templates, (await under.Client.ListAsync(new ResourceType("", "v1", "ConfigMap", "configmaps", true), new() { Namespace = "many", LabelSelector = "kubetemplater.io/template-name" })).Items.Count);
        Assert.Equal(0, under.Operator.QueueDepth);

        // One object of two in ten templates: a spec that changed is applied whole, and said once.
        await Parallel.ForAsync(0, 10, async (i, ct) =>
            await under.Client.PatchAsync(
                KubeTemplate.Resource,
                new("many", $"t{i}"),
                PatchType.Json,
                """[{"op":"replace","path":"/spec/templates/1/object/data/n","value":"other"}]"""u8.ToArray(),
                cancellationToken: ct));
        await Parallel.ForAsync(0, 10, async (i, _) => await under.ReportedAsync("many", $"t{i}", Phases.Completed));
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(under.Operator.IsIdle), idle => idle);
        var changed = await WritesAsync(under);

        Assert.Equal(20, changed.Applies - after.Applies);
        Assert.InRange(changed.Status - after.Status, 10, 13); // marks, as above
        after = changed;

        await under.StopOperatorAsync();
        await under.StartOperatorAsync();
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(under.Operator.IsIdle), idle => idle);

        Assert.Equal(after, await WritesAsync(under));
    }

    private static async Task AllCompletedAsync(OperatorUnderTest under) =>
        await Eventually.SeeAsync(
            $"{Templates} completed templates",
            async ct => string.Join(", ", (await under.Client.ListAsync<KubeTemplate>(new() { Namespace = "many" }, ct)).Items
                .GroupBy(t => t.Status?.ProcessingPhase ?? "none").Select(g => $"{g.Key}: {g.Count()}")),
            phases => phases == $"{Phases.Completed}: {Templates}",
            TimeSpan.FromMinutes(3));

    private static async Task<(long Applies, long Status, long Other)> WritesAsync(OperatorUnderTest under) => (
        await under.ServerCountAsync("APPLY", "configmaps"),
        await under.ServerCountAsync("PATCH", "kubetemplates", "status"),
        await under.ServerCountAsync("PUT", "kubetemplates", "status") + await under.ServerCountAsync("PATCH", "configmaps")
        + await under.ServerCountAsync("POST", "configmaps") + await under.ServerCountAsync("APPLY", "kubetemplates", "status"));
}
