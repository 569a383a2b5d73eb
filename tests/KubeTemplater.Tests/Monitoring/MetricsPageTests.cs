using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;
using KubeTemplater.Tests.Admission;

namespace KubeTemplater.Tests.Monitoring;

/// <summary>What a scrape sees of an operator that has admitted and processed templates.</summary>
public sealed class MetricsPageTests
{
    private const string Template = "a-template-by-name";

    [Fact]
    public async Task The_rules_are_tested_on_series_that_the_operator_has_and_none_names_a_template()
    {
        await using var admitted = new AdmittedOperator
        {
            With = AdmittedOperator.Options with { MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false, LeaderElect = true, InitialRetryDelay = TimeSpan.FromMilliseconds(1) },
        };
        await admitted.InitializeAsync();
        var under = admitted.Running;
        var ns = await admitted.NamespaceAsync("measured", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [measured, missing]}]");
        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}}", Template)).IsAccepted();
        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: lost, namespace: missing}}}", "lost")).IsAccepted();
        await under.ReportedAsync(ns, Template, Phases.Completed);

        // One gauge is of the cache, which the watch fills; the retry comes in its time.
        var page = await Eventually.SeeAsync(
            "the metrics of a completed template and of a retry",
            _ => PageAsync(under),
            text => text.Contains("kubetemplater_templates{phase=\"Completed\"} 1", StringComparison.Ordinal) && !text.Contains("kubetemplater_retries_total 0", StringComparison.Ordinal));

        var there = page.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Series.Parse).ToHashSet();
        Assert.All(RuleFiles.TestedSeries, series => Assert.Contains(series, there));
        Assert.Contains("kubetemplater_processed_total{result=\"Completed\"} 1", page, StringComparison.Ordinal);
        Assert.Contains("kubetemplater_processed_total{result=\"Paused\"} 0", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Template, page, StringComparison.Ordinal);
        Assert.DoesNotContain("measured", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_load_at_least_99_of_100_reviews_find_their_policy_in_memory_also_while_it_changes()
    {
        const int Reviews = 1000, Versions = 4;
        await using var admitted = new AdmittedOperator { With = AdmittedOperator.Options with { MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false } };
        await admitted.InitializeAsync();
        var under = admitted.Running;
        var ns = await admitted.NamespaceAsync("hits", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [hits]}]");
        var (hits, misses) = await CacheAsync(under);
        var lists = await under.ServerCountAsync("LIST", "kubetemplatepolicies");

        await Parallel.ForAsync(0, Reviews, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (i, stop) =>
        {
            if (i % (Reviews / Versions) == 100)
            {
                var change = Encoding.UTF8.GetBytes($$$"""{"spec":{"params":{"version":{{{i}}} } } }""");
                await under.Client.PatchAsync(KubeTemplatePolicy.Resource, new(OperatorUnderTest.OperatorNamespace, ns), PatchType.Merge, change, cancellationToken: stop);
            }

            (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}}", $"t{i}", dryRun: true)).IsAccepted();
        });

        var after = await CacheAsync(under);
        (hits, misses) = (after.Hits - hits, after.Misses - misses);
        TestContext.Current.TestOutputHelper!.WriteLine($"{hits} hits, {misses} misses");

        // Each review asks once. A version that comes is compiled once, by whoever asks first, and the server is not asked at all.
        Assert.Equal(Reviews, hits + misses);
        Assert.InRange(misses, 1, Versions);
        Assert.Equal(lists, await under.ServerCountAsync("LIST", "kubetemplatepolicies"));
    }

    private static async Task<(int Hits, int Misses)> CacheAsync(OperatorUnderTest under)
    {
        var page = await PageAsync(under);
        return (Value("hits"), Value("misses"));

        int Value(string name) => int.Parse(Regex.Match(page, $@"^kubetemplater_cache_{name} (\d+)$", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task<string> PageAsync(OperatorUnderTest under)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{under.Operator.MetricsPort}/metrics"), TestContext.Current.CancellationToken);
    }
}
