using System.Text.Json.Nodes;
using Capstan.Tool;
using Capstan.Tool.Manifests;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Samples;

/// <summary>A sample at work: installed from its own manifests, run as a process with no more rights than they give.</summary>
internal sealed class SampleFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-sample-");
    private RunningProcess? _process;

    private SampleFixture(Kubectl kubectl) => Kubectl = kubectl;

    /// <summary>For the administrator.</summary>
    public Kubectl Kubectl { get; }

    /// <summary>What the process wrote, for failures.</summary>
    public string Said => $"{_process?.Out}\n{_process?.Err}";

    /// <summary>Writes the manifests, applies them, and starts the program under a ServiceAccount that is bound to its role.</summary>
    public static async Task<SampleFixture> StartAsync(Kubectl kubectl, string name)
    {
        var sample = new SampleFixture(kubectl);
        var output = new StringWriter();
        var assembly = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        Assert.Equal(ExitCodes.Done, ManifestsRun.Run(new() { Assembly = assembly, Output = sample._directory.FullName, Namespace = kubectl.Namespace }, output, output));
        await kubectl.DoAsync("apply", "-R", "-f", sample._directory.FullName);
        if (Directory.Exists(Path.Combine(sample._directory.FullName, "crds")))
        {
            await kubectl.DoAsync("wait", "--for=condition=Established", "-f", Path.Combine(sample._directory.FullName, "crds"));
        }

        await kubectl.DoAsync("create", "serviceaccount", name);
        await kubectl.DoAsync("create", "clusterrolebinding", $"{name}-{kubectl.Namespace}", $"--clusterrole={name}", $"--serviceaccount={kubectl.Namespace}:{name}");
        var login = Path.Combine(sample._directory.FullName, "login");
        var config = JsonNode.Parse(await kubectl.DoAsync("config", "view", "--raw", "--flatten", "--minify", "-o", "json"))!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = await kubectl.DoAsync("create", "token", name) };
        File.WriteAllText(login, config.ToJsonString());
        sample._process = RunningProcess.Start("dotnet", [assembly, login]);
        return sample;
    }

    /// <summary>Waits for a JSON path of an object to have a value; empty means that there is no such object or value.</summary>
    public async Task SeeAsync(string kind, string name, string path, string value)
    {
        try
        {
            await Capstan.Testing.Eventually.SeeAsync(
                $"{path} of {kind} {name} to be '{value}'",
                async _ => (await Kubectl.TryAsync("get", kind, name, "--ignore-not-found", "-o", $"jsonpath={{{path}}}")).Out,
                seen => seen == value,
                Patience,
                TestContext.Current.CancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\nthe sample said:\n{Said}");
        }
    }

    /// <summary>Ends the sample as Kubernetes would, and expects that it ends well.</summary>
    public async Task StopAsync()
    {
        _process!.Signal(15);
        Assert.Equal(0, await _process.ExitAsync(Patience, TestContext.Current.CancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }
}
