using System.Diagnostics;
using Capstan.Testing;

namespace KubeTemplater.Tests.Monitoring;

/// <summary>The rules for Prometheus that ship with the operator: queries and alerts.</summary>
public sealed class RulesTests
{
    [Theory]
    [InlineData("check", "rules", "kubetemplater.rules.yaml")]
    [InlineData("test", "rules", "kubetemplater.rules.test.yaml")]
    public async Task Promtool_is_content(params string[] arguments)
    {
        var promtool = RequiredProgram.Find("promtool");
        Assert.SkipWhen(promtool.SkipReason is not null, promtool.SkipReason ?? "");
        using var process = Process.Start(new ProcessStartInfo(promtool.Path!, arguments)
        {
            WorkingDirectory = RuleFiles.Directory, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

        var token = TestContext.Current.CancellationToken;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
        await process.WaitForExitAsync(token);

        Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
    }

    [Fact]
    public void The_object_for_the_Prometheus_operator_has_the_same_rules()
    {
        var lines = RuleFiles.Read("prometheusrule.yaml").Split('\n');
        var spec = lines.SkipWhile(line => line != "spec:").Skip(1).Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line);

        Assert.Equal(RuleFiles.Read("kubetemplater.rules.yaml"), string.Join('\n', spec));
    }

    [Theory]
    [InlineData("kubetemplater_queue_depth")]
    [InlineData("kubetemplater_processed_total")]
    [InlineData("kubetemplater_cache_hits")]
    [InlineData("kubetemplater_cache_misses")]
    [InlineData("kubetemplater_webhook_duration_seconds_bucket")]
    [InlineData("kubetemplater_retries_total")]
    [InlineData("kubetemplater_processing_duration_seconds_bucket")]
    public void What_the_performance_document_looks_at_is_looked_at(string metric) =>
        Assert.Contains(metric, RuleFiles.Read("kubetemplater.rules.yaml"), StringComparison.Ordinal);
}
