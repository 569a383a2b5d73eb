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

    private static async Task<string> PageAsync(OperatorUnderTest under)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{under.Operator.MetricsPort}/metrics"), TestContext.Current.CancellationToken);
    }
}
