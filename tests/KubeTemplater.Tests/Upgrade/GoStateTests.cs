using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Upgrade;

/// <summary>Templates and objects as the Go operator leaves them, and what becomes of them.</summary>
public sealed class GoStateTests
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_right_is_not_applied_again_what_is_not_is_put_right_and_nothing_is_made_anew()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.StopOperatorAsync();
        await under.NamespaceWithPolicyAsync("shop", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [shop]}]");

        // Completed, and true. Completed with a label lost in a correction of drift and a value taken by a person. Failed and Paused, never tried again.
        // Completed although the policy does not allow it.
        await TemplateAsync(under, "done", "Completed", objects: 2);
        await TemplateAsync(under, "lost", "Completed");
        await TemplateAsync(under, "failed", "Failed", hash: "");
        await TemplateAsync(under, "paused", "Paused");
        await TemplateAsync(under, "forbidden", "Completed", kind: "Secret");
        foreach (var name in (string[])["done-0", "done-1"])
        {
            await ApplyAsGoAsync(under, name, name[..4], "fast");
        }

        await ApplyAsGoAsync(under, "lost-0", template: null, "fast");
        await under.Client.PatchAsync(_configMaps, new("shop", "lost-0"), PatchType.Merge, """{"data":{"mode":"slow"}}"""u8.ToArray(), new() { FieldManager = "kubectl-edit" }, Stop);
        var before = await ObjectsAsync(under);
        var applies = await under.ServerCountAsync("APPLY", "configmaps");
        var patches = await under.ServerCountAsync("PATCH", "kubetemplates", "status");

        await under.StartOperatorAsync();
        foreach (var name in (string[])["done", "lost", "failed", "paused"])
        {
            await under.ReportedAsync("shop", name, "Completed");
        }

        await under.ReportedAsync("shop", "forbidden", "Failed", "Secret");
        var after = await ObjectsAsync(under);

        Assert.All(before, made => Assert.Equal(made.Value.Uid, after[made.Key].Uid));
        Assert.Equal(["done-0", "done-1", "failed-0", "lost-0", "paused-0"], after.Keys);
        Assert.Equal((before["done-0"].ResourceVersion, before["done-1"].ResourceVersion), (after["done-0"].ResourceVersion, after["done-1"].ResourceVersion));
        Assert.Equal("fast", (string)after["lost-0"].ToJson()["data"]!["mode"]!);
        Assert.Equal("lost", after["lost-0"].Labels["kubetemplater.io/template-name"]);

        // None of what is right; one of what is not there; two where another manager's field is taken back.
        Assert.Equal(0 + 1 + 1 + 2, await under.ServerCountAsync("APPLY", "configmaps") - applies);
        Assert.Equal(5, await under.ServerCountAsync("PATCH", "kubetemplates", "status") - patches);

        var done = (await under.Client.GetAsync<KubeTemplate>(new("shop", "done"), Stop)).Status!;
        Assert.Equal([after["done-0"].Uid, after["done-1"].Uid], done.Resources!.Select(resource => resource.Uid));
        Assert.All(done.Resources!, resource => Assert.False(string.IsNullOrEmpty(resource.AppliedHash)));
        Assert.Equal(7, done.DryRunChecks);
        var paused = (await under.Client.GetAsync<KubeTemplate>(new("shop", "paused"), Stop)).Status!;
        Assert.Equal((null, null), (paused.PausedAt, paused.PausedReason));

        // From here on it is as if it had always been ours: a restart costs nothing.
        var requests = await WritesAsync(under);
        await under.StopOperatorAsync();
        await under.StartOperatorAsync();
        await Capstan.Testing.Eventually.SeeAsync("an idle operator", _ => Task.FromResult(under.Operator.IsIdle), idle => idle, cancellationToken: Stop);
        Assert.Equal(requests, await WritesAsync(under));
    }

    private static async Task TemplateAsync(OperatorUnderTest under, string name, string phase, int objects = 1, string hash = "6f1ed002ab5595859014ebf0951522d9", string kind = "ConfigMap")
    {
        var entries = string.Join(',', Enumerable.Range(0, objects).Select(i =>
            $$$"""{object: {apiVersion: v1, kind: {{{kind}}}, metadata: {name: {{{name}}}-{{{i}}}}, data: {mode: fast, size: small} } }"""));
        await under.Cluster.InstallAsync($$$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: {{{name}}}, namespace: shop}
            spec: {templates: [{{{entries}}}] }
            """, Stop);
        await under.Client.PatchStatusAsync<KubeTemplate>(new("shop", name), Encoding.UTF8.GetBytes($$$"""
            {"status":{"status":"{{{phase}}}","processingPhase":"{{{phase}}}","queuedAt":"2026-01-02T03:04:05Z","processedAt":"2026-01-02T03:04:05Z","retryCount":0,"retryCycle":0,
             "appliedSpecHash":"{{{hash}}}","dryRunChecks":7,"lastReconcileTime":"2026-01-02T03:04:05Z","resourcesTotal":{{{objects}}},"resourcesSynced":{{{objects}}}
             {{{(phase == "Paused" ? ",\"pausedAt\":\"2026-01-02T03:04:05Z\",\"pausedReason\":\"too many failures\"" : "")}}}}}
            """), cancellationToken: Stop);
    }

    private static Task ApplyAsGoAsync(OperatorUnderTest under, string name, string? template, string mode)
    {
        var labels = template is null ? "" : $$$""","labels":{"kubetemplater.io/template-name":"{{{template}}}","kubetemplater.io/template-namespace":"shop"}""";
        return under.Client.ApplyAsync(
            _configMaps,
            new("shop", name),
            Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"shop"{{{labels}}}},"data":{"mode":"{{{mode}}}","size":"small"}}"""),
            new() { FieldManager = "kubetemplater", Force = true },
            Stop);
    }

    private static async Task<SortedDictionary<string, DynamicObject>> ObjectsAsync(OperatorUnderTest under) => new(
        (await under.Client.ListAsync(_configMaps, new() { Namespace = "shop" }, Stop)).Items.Where(made => made.Key.Name != "kube-root-ca.crt").ToDictionary(made => made.Key.Name));

    private static async Task<(long, long)> WritesAsync(OperatorUnderTest under) =>
        (await under.ServerCountAsync("APPLY", "configmaps"), await under.ServerCountAsync("PATCH", "kubetemplates", "status"));
}
