using Capstan.Dashboard.Tests;
using Capstan.Testing;
using KubeTemplater.Resources;
using KubeTemplater.Tests.Admission;

namespace KubeTemplater.Tests.Monitoring;

/// <summary>The dashboard for Grafana asks for what the operator tells.</summary>
public sealed class GrafanaTests
{
    [Fact]
    public async Task Every_metric_that_it_names_is_on_the_page_of_the_operator()
    {
        await using var admitted = new AdmittedOperator { With = AdmittedOperator.Options with { MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false, LeaderElect = true } };
        await admitted.InitializeAsync();
        var ns = await admitted.NamespaceAsync("charted", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [charted]}]");
        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}}", "charted")).IsAccepted();
        await admitted.Running.ReportedAsync(ns, "charted", Phases.Completed);

        // A histogram is there once something was measured.
        var page = await Eventually.SeeAsync(
            "a run to be measured",
            _ => Task.FromResult(admitted.Running.Operator.RenderMetrics()),
            text => text.Contains("kubetemplater_processing_duration_seconds_count{", StringComparison.Ordinal));
        var named = GrafanaFile.MetricsIn(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Monitoring", "grafana.json")));

        Assert.InRange(named.Count, 10, 100);
        Assert.Empty(named.Except(GrafanaFile.MetricsOn(page)));
    }
}
