using System.Diagnostics;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Policies;

/// <summary>What a judgement takes: it is made for every admission and every run.</summary>
public sealed class JudgingCostTests
{
    private const int Objects = 20;

    [Fact]
    public void Twenty_objects_against_twenty_rules_take_little_memory()
    {
        var policy = new CompiledPolicy(Given.Policy([.. Enumerable.Range(0, 20).Select(Rule)]), "kubetemplater-system");
        var entries = Enumerable.Range(0, Objects).Select(i => Given.Entry(Deployment(i))).ToArray();
        for (var i = 0; i < 50; i++)
        {
            Judge(policy, entries);
        }

        var startedAt = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Judge(policy, entries);
        }

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        TestContext.Current.TestOutputHelper!.WriteLine($"{allocated} bytes and {Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds / 100:0} µs for {Objects} objects of {Deployment(0).Length} bytes");
        Assert.InRange(allocated, 1, Objects * 14 * 1024);
    }

    private static void Judge(CompiledPolicy policy, TemplateEntry[] entries)
    {
        var budget = new KubeTemplater.Policies.Checks.CheckBudget();
        foreach (var (index, entry) in entries.Index())
        {
            Assert.Empty(policy.Violations(KubeTemplater.Templating.Manifest.Read(index, entry, "blue"), new() { Namespaced = true, Budget = budget }));
        }
    }

    // Of twenty rules one is about the kind, with one check of each type.
    private static PolicyRule Rule(int i) => Given.Rule(i == 19 ? "Deployment" : $"Kind{i}", i == 19 ? "apps" : "example.com", "v1", "blue") with
    {
        FieldValidations =
        [
            new() { Name = "prefix", Type = "regex", FieldPath = "metadata.name", Regex = "^blue-[a-z0-9-]+$" },
            new() { Name = "size", Type = "range", FieldPath = "spec.replicas", Min = 1, Max = 8 },
            new() { Name = "owner", Type = "required", FieldPath = "metadata.labels.owner" },
            new() { Name = "no-hostnet", Type = "forbidden", FieldPath = "spec.template.spec.hostNetwork" },
            new() { Name = "images", Type = "regex", FieldPath = "spec.template.spec.containers[*].image", Regex = "^reg\\.local/" },
            new() { Name = "env", Type = "cel", FieldPath = "metadata.labels.env", Cel = "value in ['dev','prod']" },
            new() { Name = "limits", Type = "cel", Cel = "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits))" },
        ],
    };

    private static string Deployment(int i) => $$$$"""
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "blue-shop-{{{{i}}}}", "labels": {"owner": "ann", "env": "dev"}},
         "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "shop"} }, "template": {"metadata": {"labels": {"app": "shop"} },
          "spec": {"containers": [{"name": "web", "image": "reg.local/shop:1.4", "env": [{"name": "MODE", "value": "fast"}], "resources": {"limits": {"cpu": "200m", "memory": "64Mi"} } },
                                  {"name": "log", "image": "reg.local/log:2", "resources": {"limits": {"cpu": "20m", "memory": "16Mi"} } }]} } } }
        """;
}
