using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary><c>capstan local</c> as a process: what it prints, how it ends.</summary>
public sealed class LocalTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-local-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(2)]
    public async Task With_samples_it_shows_each_template_and_a_signal_ends_it_in_order_with_0(int signal)
    {
        await using var local = Start("local", "--port", "0", "--operators", "kubetemplater", "--pods", "none", "--samples");
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        await local.LineAsync(line => line.Contains(" default/", StringComparison.Ordinal), Patience, Stop);
        await Eventually.SeeAsync(
            "all three samples to be judged",
            _ => Task.FromResult(local.Out),
            text => text.Contains("default/web Completed 2/2", StringComparison.Ordinal)
                && text.Contains("default/settings Completed 2/2", StringComparison.Ordinal)
                && text.Contains("default/forbidden Failed 0/1 Error: template[0] Secret", StringComparison.Ordinal),
            cancellationToken: Stop);
        Assert.DoesNotContain('\u001b', local.Out);
        Assert.Contains("kubectl --kubeconfig", local.Out, StringComparison.Ordinal);

        var start = TimeProvider.System.GetTimestamp();
        local.Signal(signal);
        Assert.Equal(0, await local.ExitAsync(Patience, Stop));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal("", local.Err);
    }

    [Fact]
    public async Task An_interrupt_ends_it_also_where_a_script_has_put_it_into_the_background()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "capstan");
        await using var local = RunningProcess.Start(
            "/bin/sh", ["-c", "trap '' INT; exec \"$@\"", "sh", program, "local", "--port", "0", "--operators", "none", "--pods", "none"], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        local.Signal(2);
        Assert.Equal(0, await local.ExitAsync(Patience, Stop));
    }

    [Fact]
    public async Task Its_kubeconfig_is_private_and_lets_a_client_in_and_changes_appear_as_lines()
    {
        await using var local = Start("local", "--port", "0", "--operators", "kubetemplater", "--pods", "none");
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        var kubeconfig = Path.Combine(_directory.FullName, ".capstan", "kubeconfig");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kubeconfig));

        using var client = new KubeClient(KubeConfig.Load(kubeconfig, "capstan-local"));
        var type = new ResourceType("kubetemplater.io", "v1alpha1", "KubeTemplate", "kubetemplates", Namespaced: true);
        var empty = """{"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"mine","namespace":"default"},"spec":{"templates":[]}}"""u8.ToArray();
        var policy = """{"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplatePolicy","metadata":{"name":"mine","namespace":"kubetemplater-system"},"spec":{"sourceNamespace":"default","validationRules":[]}}"""u8.ToArray();
        await client.CreateAsync(type with { Kind = "KubeTemplatePolicy", Plural = "kubetemplatepolicies" }, DynamicObject.Parse(policy), cancellationToken: Stop);
        await client.CreateAsync(type, DynamicObject.Parse(empty), cancellationToken: Stop);
        await local.LineAsync(line => line.Contains(" default/mine Completed", StringComparison.Ordinal), Patience, Stop);
        await client.DeleteAsync(type, new ObjectKey("default", "mine"), cancellationToken: Stop);
        await local.LineAsync(line => line.EndsWith(" default/mine Deleted", StringComparison.Ordinal), Patience, Stop);
    }

    [Fact]
    public async Task KubeTemplater_runs_under_its_own_account_and_names_the_right_that_it_lacks()
    {
        await using var local = Start("local", "--port", "0", "--operators", "kubetemplater", "--pods", "none");
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        using var client = new KubeClient(KubeConfig.Load(Path.Combine(_directory.FullName, ".capstan", "kubeconfig")));

        // One rule less than it ships: the first, of ConfigMaps and Services.
        var roles = new ResourceType("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);
        await client.PatchAsync(
            roles, ObjectKey.ClusterScoped("kubetemplater-templates"), PatchType.Json, """[{"op":"remove","path":"/rules/0"}]"""u8.ToArray(), cancellationToken: Stop);
        await new ManifestInstaller(client, "test").ApplyAsync(ManifestReader.Read(
            """
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: all, namespace: kubetemplater-system}
            spec: {sourceNamespace: default, validationRules: [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [default]}]}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: lacking, namespace: default}
            spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: wanted}}}]}
            """,
            "test"), Stop);
        var told = await local.LineAsync(line => line.Contains(" default/lacking Failed", StringComparison.Ordinal), Patience, Stop);
        Assert.Contains(
            "User \"system:serviceaccount:kubetemplater-system:kubetemplater\" cannot patch resource \"configmaps\" in API group \"\" in the namespace \"default\"",
            told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_operators_it_is_an_api_server_that_waits_for_one_with_the_kinds_there()
    {
        await using var local = Start("local", "--port", "0", "--operators", "none");
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        using var client = new KubeClient(KubeConfig.Load(Path.Combine(_directory.FullName, ".capstan", "kubeconfig")));
        Assert.Equal("ok", System.Text.Encoding.UTF8.GetString(await client.GetRawAsync("/readyz", cancellationToken: Stop)));
        Assert.Contains(await client.Discovery.ListAsync(Stop), type => type.Kind == "KubeTemplatePolicy");
        local.Signal(15);
        Assert.Equal(0, await local.ExitAsync(Patience, Stop));
    }

    [Fact]
    public async Task A_taken_port_is_one_line_and_exit_code_1()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await RefusesAsync(1, $"capstan: port {port} of 127.0.0.1 is taken", "local", "--port", port);
    }

    [Fact]
    public async Task A_kubeconfig_that_cannot_be_written_is_one_line_and_exit_code_1()
    {
        var file = Path.Combine(_directory.FullName, "a-file");
        await File.WriteAllTextAsync(file, "not a directory", Stop);
        await RefusesAsync(1, "capstan: cannot write the kubeconfig", "local", "--port", "0", "--kubeconfig", Path.Combine(file, "kubeconfig"));
        await RefusesAsync(1, "capstan: cannot write the kubeconfig", "local", "--port", "0", "--kubeconfig", _directory.FullName);
    }

    [Fact]
    public async Task A_kubeconfig_of_somebody_else_is_left_alone()
    {
        var file = Path.Combine(_directory.FullName, "config");
        await File.WriteAllTextAsync(file, "apiVersion: v1\nkind: Config\ncurrent-context: production\n", Stop);
        await RefusesAsync(1, "is not a kubeconfig that capstan wrote", "local", "--port", "0", "--kubeconfig", file);
        Assert.Contains("production", await File.ReadAllTextAsync(file, Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_does_not_parse_is_one_line_with_file_and_line_and_exit_code_1()
    {
        var file = Path.Combine(_directory.FullName, "broken.yaml");
        await File.WriteAllTextAsync(file, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n", Stop);
        await RefusesAsync(1, $"capstan: {file}:", "local", "--port", "0", "--samples", file);
        await File.WriteAllTextAsync(file, "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", Stop);
        await RefusesAsync(1, $"{file}: document 1 (ConfigMap) has no metadata.name", "local", "--port", "0", "--samples", _directory.FullName);
        await RefusesAsync(1, "no such file or directory", "local", "--port", "0", "--samples", file + ".none");
    }

    [Fact]
    public async Task A_manifest_that_the_server_refuses_is_one_line_and_exit_code_1()
    {
        var file = Path.Combine(_directory.FullName, "refused.yaml");
        await File.WriteAllTextAsync(file, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n", Stop);
        await RefusesAsync(1, "Not_A_Name", "local", "--port", "0", "--samples", file);
    }

    [Theory]
    [InlineData("unknown command or option '--keep'", "local", "--keep", "x")]
    [InlineData("--pods takes none or simulate or process, not 'many'", "local", "--pods", "many")]
    [InlineData("unknown command or option 'lokal'", "lokal")]
    [InlineData("--port takes a number from 0 to 65535, not '70000'", "local", "--port", "70000")]
    [InlineData("--port takes a number from 0 to 65535, not 'http'", "local", "--port", "http")]
    [InlineData("--operators takes kubetemplater, database (with commas between) or none, not 'postgres'", "local", "--operators", "kubetemplater,postgres")]
    [InlineData("Required command was not provided")]
    public Task Wrong_usage_is_one_line_and_exit_code_2(string says, params string[] arguments) => RefusesAsync(2, says, arguments);

    [Fact]
    public async Task Help_explains_every_option_and_gives_examples()
    {
        await using var help = Start("local", "--help");
        Assert.Equal(0, await help.ExitAsync(Patience, Stop));
        Assert.All((string[])["--port", "--data-dir", "--kubeconfig", "--samples", "--operators", "Examples:", "kubectl --kubeconfig"], part => Assert.Contains(part, help.Out, StringComparison.Ordinal));
        Assert.Contains("[default: kubetemplater|database]", help.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task RefusesAsync(int code, string says, params string[] arguments)
    {
        await using var local = Start(arguments);
        Assert.Equal(code, await local.ExitAsync(Patience, Stop));
        Assert.Equal("", local.Out);
        Assert.Contains(says, Assert.Single(local.Err.Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>The tool as built beside these tests, in a directory of its own.</summary>
    private RunningProcess Start(params string[] arguments) =>
        RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), arguments, new Dictionary<string, string> { ["HOME"] = _directory.FullName }, _directory.FullName);
}
