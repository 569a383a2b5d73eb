using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary><c>capstan local</c> runs KubeTemplater as users install it: what the lessons type at a cluster does here what they show.</summary>
public sealed class OperatorPodsTests : IDisposable
{
    private const string Namespace = "kubetemplater-system";
    private const string Deployment = "deploy/kubetemplater-controller-manager";
    private const string Selector = "control-plane=controller-manager";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-pods-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_replicas_are_processes_with_logs_usage_and_metrics_that_can_be_restarted_and_scaled_and_none_is_left_behind()
    {
        await using var local = await StartAsync("--samples");
        await local.LineAsync(line => line.Contains(" default/web Completed 2/2", StringComparison.Ordinal), Patience, Stop);
        var kubectl = NewKubectl();
        await kubectl.DoAsync("wait", "--for=condition=Available", Deployment, "--timeout=50s");
        await ReadyAsync(kubectl, 3);

        // Logs, usage.
        Assert.Contains("is in sync and running", await kubectl.DoAsync("logs", "-l", Selector, "--tail=-1"), StringComparison.Ordinal);
        var used = await Eventually.SeeAsync(
            "usage of the three", _ => kubectl.TryAsync("top", "pods", "-l", Selector, "--no-headers"), result => result.Code == 0 && result.Out.Split('\n').Length == 3, cancellationToken: Stop);
        Assert.DoesNotContain(" 0Mi", used.Out, StringComparison.Ordinal);

        // The lesson's metrics: with a token, by the Service's own address and through a forwarded port.
        var token = await kubectl.DoAsync("create", "token", "kubetemplater");
        await kubectl.DoAsync("create", "clusterrolebinding", "reader", "--clusterrole=kubetemplater-metrics-reader", $"--serviceaccount={Namespace}:kubetemplater");
        var address = await kubectl.FieldAsync("service", "kubetemplater-metrics", ".spec.clusterIP");
        Assert.Contains("kubetemplater_queue_depth", await MetricsAsync($"https://{address}:8443/metrics", token), StringComparison.Ordinal);
        await using (var forward = kubectl.Start("port-forward", "svc/kubetemplater-metrics", ":8443", "--address", "127.0.0.1"))
        {
            var line = await forward.LineAsync(text => text.StartsWith("Forwarding from 127.0.0.1:", StringComparison.Ordinal), Patience, Stop);
            var port = line.Split(' ')[2].Split(':')[1];
            Assert.Contains("kubetemplater_queue_depth", await MetricsAsync($"https://127.0.0.1:{port}/metrics", token), StringComparison.Ordinal);
        }

        // New pods, one after another, and fewer.
        var before = (await kubectl.DoAsync("get", "pods", "-l", Selector, "-o", "name")).Split('\n');
        await kubectl.DoAsync("rollout", "restart", Deployment);
        await kubectl.DoAsync("rollout", "status", Deployment, "--timeout=55s");
        await kubectl.DoAsync("scale", Deployment, "--replicas=2");
        await ReadyAsync(kubectl, 2);
        Assert.Empty((await kubectl.DoAsync("get", "pods", "-l", Selector, "-o", "name")).Split('\n').Intersect(before));

        // The end.
        Assert.NotEmpty(Processes());
        local.Signal(15);
        Assert.Equal(0, await local.ExitAsync(Patience, Stop));
        Assert.Empty(Processes());
    }

    [Fact]
    public async Task What_a_killed_run_leaves_running_the_next_one_ends()
    {
        int[] left;
        await using (var killed = await StartAsync())
        {
            await ReadyAsync(NewKubectl(), 3);
            left = [.. Processes()];
            killed.Signal(9);
            await killed.ExitAsync(Patience, Stop);
        }

        Assert.NotEmpty(left);
        await using var again = await StartAsync();
        Assert.Empty(Processes().Intersect(left));
        again.Signal(15);
        Assert.Equal(0, await again.ExitAsync(Patience, Stop));
        Assert.Empty(Processes());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static Task<string> ReadyAsync(Kubectl kubectl, int replicas) => Eventually.SeeAsync(
        $"{replicas} ready replicas and no other pod",
        _ => kubectl.DoAsync("get", "pods", "-l", Selector, "-o", "jsonpath={range .items[*]}{.status.conditions[?(@.type==\"Ready\")].status} {end}"),
        text => text.Trim() == string.Join(' ', Enumerable.Repeat("True", replicas)),
        Patience,
        Stop);

    private static async Task<string> MetricsAsync(string url, string token)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetStringAsync(new Uri(url), Stop);
    }

    // Every process of a pod has paths of this test's directory among its variables; by them no other test's is taken for ours.
    private IEnumerable<int> Processes()
    {
        var mark = Encoding.UTF8.GetBytes(Path.Combine(_directory.FullName, ".capstan", "node"));
        foreach (var process in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)))
        {
            byte[] environment;
            try
            {
                environment = File.ReadAllBytes($"/proc/{process}/environ");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (environment.AsSpan().IndexOf(mark) >= 0)
            {
                yield return int.Parse(process!, CultureInfo.InvariantCulture);
            }
        }
    }

    private async Task<RunningProcess> StartAsync(params string[] arguments)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Below a directory that is closed to others a node of root puts its things elsewhere, and Processes looks for them here.
            _directory.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }

        var local = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "kubetemplater", .. arguments], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }

    private Kubectl NewKubectl()
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        return new(program.Path!, Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), _directory.FullName, Namespace);
    }
}
