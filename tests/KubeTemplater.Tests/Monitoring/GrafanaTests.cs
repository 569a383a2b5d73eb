using Capstan.Dashboard.Tests;
using Capstan.Testing;
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
        var page = await Eventually.SeeAsync("requests to be counted", _ => Task.FromResult(admitted.Running.Operator.RenderMetrics()), text => text.Contains("rest_client_requests_total{", StringComparison.Ordinal));

        var named = GrafanaFile.MetricsIn(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Monitoring", "grafana.json")));

        Assert.InRange(named.Count, 10, 100);
        Assert.Empty(named.Except(GrafanaFile.MetricsOn(page)));
    }
}
