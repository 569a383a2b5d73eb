using System.Diagnostics;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Resources;

/// <summary>Databases as kubectl shows and explains them.</summary>
public class KubectlTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_table_has_the_columns_of_the_course_and_more_when_it_is_wide()
    {
        var space = await shared.Running.NamespaceAsync("table");
        await shared.Running.Client.CreateAsync(Given.Database(@namespace: space, replicas: 3), cancellationToken: Cancelled);
        await shared.Running.SeenAsync(space, "shop", Phases.Ready);

        Assert.Matches(@"^NAME +PHASE +REPLICAS +READY +AGE\nshop +Ready +3 +true +[0-9ms]+$", await KubectlAsync("get", "databases", "-n", space));
        Assert.Matches(@"^NAME +PHASE +REPLICAS +READY +AGE +PRIMARY +IMAGE\nshop +Ready +3 +true +[0-9ms]+ +shop-0 +postgres:14$", await KubectlAsync("get", "databases", "-n", space, "-o", "wide"));
    }

    [Fact]
    public async Task Each_field_is_explained()
    {
        var spec = await KubectlAsync("explain", "databases.spec");
        foreach (var field in (string[])
                 [
                     "backupRef\t<Object>", "databaseName\t<string> -required-", "environment\t<string>", "image\t<string>", "passwordMaxAge\t<string>", "replicas\t<integer>", "resources\t<Object>",
                     "storage\t<Object> -required-", "username\t<string> -required-",
                 ])
        {
            Assert.Contains($"  {field}\n", spec, StringComparison.Ordinal);
        }

        Assert.Contains("it can grow, where the StorageClass allows that", Line(await KubectlAsync("explain", "databases.spec.storage.size")), StringComparison.Ordinal);
        Assert.Contains("nothing fails over by itself", Line(await KubectlAsync("explain", "databases.status.primary")), StringComparison.Ordinal);
    }

    /// <summary>Without the breaks of kubectl's lines.</summary>
    private static string Line(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private async Task<string> KubectlAsync(params string[] arguments)
    {
        var kubectl = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(kubectl.SkipReason is not null, kubectl.SkipReason ?? "");
        using var process = Process.Start(new ProcessStartInfo(kubectl.Path!, [$"--kubeconfig={shared.Running.Cluster.KubeconfigPath}", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancelled), process.StandardError.ReadToEndAsync(Cancelled));
        await process.WaitForExitAsync(Cancelled);
        Assert.True(process.ExitCode == 0, await errors);
        return (await output).Trim();
    }
}
