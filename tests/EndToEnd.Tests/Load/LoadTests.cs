using System.Text.Json.Nodes;
using Capstan;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Load;

/// <summary><c>capstan load</c> as a process, against <c>capstan local</c> and against a cluster that nobody marked.</summary>
public sealed class LoadTests(ClusterFixture cluster) : IDisposable
{
    private const string RunLabel = "capstan.dev/load-run";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly ResourceType Bindings = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced: false);
    private static readonly ResourceType Policies = new("kubetemplater.io", "v1alpha1", "KubeTemplatePolicy", "kubetemplatepolicies", Namespaced: true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-load-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Kubeconfig => Path.Combine(_directory.FullName, ".capstan", "kubeconfig");

    [Fact]
    public async Task Against_capstan_local_it_counts_what_the_operators_pods_did_and_leaves_nothing()
    {
        await using var local = await StartLocalAsync();
        using var client = new KubeClient(KubeConfig.Load(Kubeconfig));

        var templates = await LoadAsync("templates", "--count", "30", "--resources", "2", "--namespaces", "3");
        Assert.Equal((30, 0), ((int)templates["done"]!, templates["errors"]!.AsArray().Count));
        var completed = Latency(templates, "created to Completed");
        Assert.Equal(30, (int)completed["count"]!);
        Assert.True((double)completed["p50"]! > 0 && (double)completed["p50"]! <= (double)completed["p99"]! && (double)completed["p99"]! <= (double)completed["max"]!, $"{completed}");

        // Two applies and a status each, whoever of the replicas did it (and now and then a policy's status); what their own metrics say, the server says too.
        Assert.InRange((int)templates["operatorCalls"]!.AsArray().Single(call => (string?)call!["call"] == "PATCH")!["count"]!, 90, 110);
        Assert.Equal(60, (int)templates["serverCalls"]!.AsArray().Single(call => (string?)call!["call"] == "APPLY configmaps")!["count"]!);
        Assert.NotEmpty(templates["replicas"]!.AsArray());
        Assert.True((double)templates["each"]!["cpuMilliseconds"]! > 0 && (double)templates["each"]!["allocatedBytes"]! > 0, $"{templates["each"]}");
        await NothingIsLeftAsync(client);

        var churn = await LoadAsync("churn", "--count", "10", "--rate", "20", "--duration", "2", "--namespaces", "2");
        var (sent, leftOut) = (Figure(churn, "operations sent"), Figure(churn, "operations left out, the operator being behind"));
        Assert.Equal((40, 0), (sent + leftOut, churn["errors"]!.AsArray().Count));
        Assert.Equal(sent, (int)churn["done"]!);

        var drift = await LoadAsync("drift", "--count", "5", "--drifts", "10", "--rate", "0", "--clients", "2", "--namespaces", "1");
        Assert.Equal((10, 0), ((int)drift["done"]!, drift["errors"]!.AsArray().Count));
        Assert.Equal((5, 5), ((int)Latency(drift, "changed to corrected")["count"]!, (int)Latency(drift, "deleted to made again")["count"]!));

        var webhook = await LoadAsync("webhook", "--rate", "10", "--duration", "1", "--namespaces", "1");
        Assert.Equal((10, 0), ((int)webhook["done"]!, webhook["errors"]!.AsArray().Count));
        Assert.DoesNotContain(webhook["serverCalls"]!.AsArray(), call => (string?)call!["call"] == "APPLY configmaps");
        await NothingIsLeftAsync(client);

        // Interrupted in the middle, it cleans up too.
        await using var interrupted = Run("churn", "--count", "5", "--rate", "5", "--duration", "600", "--namespaces", "1", "--kubeconfig", Kubeconfig);
        await Capstan.Testing.Eventually.SeeAsync("the churn", _ => Task.FromResult(interrupted.Err), text => text.Contains("seconds of churn", StringComparison.Ordinal), Patience, Stop);
        interrupted.Signal(15);
        Assert.Equal(1, await interrupted.ExitAsync(Patience, Stop));
        await NothingIsLeftAsync(client);
    }

    [Fact]
    public async Task A_cluster_that_nobody_marked_is_refused_and_left_as_it_was()
    {
        Assert.SkipWhen(cluster.IsExternal, "somebody else's cluster may be marked");
        await using var refused = Run("templates", "--count", "1", "--kubeconfig", cluster.Kubeconfig);
        Assert.Equal(1, await refused.ExitAsync(Patience, Stop));
        Assert.Contains("is not marked for load", refused.Err, StringComparison.Ordinal);
        Assert.Contains("kubectl label namespace kube-system capstan.dev/load=allowed, or --yes", refused.Err, StringComparison.Ordinal);
        using var client = cluster.NewClient("e2e");
        Assert.Empty((await client.ListAsync(Namespaces, new() { LabelSelector = RunLabel }, Stop)).Items);
    }

    [Theory]
    [InlineData("templates --count 0", "--count takes a number from 1 to 1000000, not '0'")]
    [InlineData("churn --rate -1", "--rate takes a number from 0 to 100000, not '-1'")]
    [InlineData("webhook --metrics-url nowhere", "--metrics-url takes an http or https URL, not 'nowhere'")]
    [InlineData("nothing", "unknown command or option 'nothing'")]
    public async Task A_command_line_that_is_wrong_is_said_to_be_so(string arguments, string message)
    {
        await using var wrong = Run(arguments.Split(' '));
        Assert.Equal(2, await wrong.ExitAsync(Patience, Stop));
        Assert.Contains(message, wrong.Err, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static JsonNode Latency(JsonNode report, string what) => report["latencies"]!.AsArray().Single(row => (string?)row!["what"] == what)!["milliseconds"]!;

    private static int Figure(JsonNode report, string what) => (int)report["figures"]!.AsArray().Single(row => (string?)row!["what"] == what)!["value"]!;

    private static async Task NothingIsLeftAsync(KubeClient client)
    {
        foreach (var type in (ResourceType[])[Namespaces, Bindings, Policies])
        {
            Assert.Empty((await client.ListAsync(type, new() { LabelSelector = RunLabel }, Stop)).Items);
        }
    }

    private async Task<JsonNode> LoadAsync(params string[] arguments)
    {
        await using var load = Run([.. arguments, "-o", "json", "--kubeconfig", Kubeconfig]);
        var code = await load.ExitAsync(Patience, Stop);
        Assert.True(code == 0, $"exit code {code}\n{load.Out}\n{load.Err}");
        return JsonNode.Parse(load.Out)!;
    }

    private RunningProcess Run(params string[] arguments) =>
        RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["load", .. arguments], directory: _directory.FullName);

    private async Task<RunningProcess> StartLocalAsync()
    {
        var local = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "kubetemplater"], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }
}
