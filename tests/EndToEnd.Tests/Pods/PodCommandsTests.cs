using System.Text.RegularExpressions;
using Capstan.Cluster.Node;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Pods;

/// <summary>What people type at pods that are processes: exec, attach, cp and logs, judged by kubectl.</summary>
public sealed class PodCommandsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-commands-");
    private TestCluster? _cluster;
    private Kubectl? _kubectl;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Kubectl Kubectl => _kubectl!;

    public async ValueTask InitializeAsync()
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        if (!OperatingSystem.IsWindows())
        {
            // Else a node of root would put its things elsewhere, and leave them there.
            _directory.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }

        var images = Place("images.json");
        await File.WriteAllTextAsync(images, """{"images": [{"image": "shell", "command": ["/bin/sh", "-c", "exec sleep 1000"], "directories": ["/data"]}]}""", Stop);
        _cluster = await TestCluster.StartAsync(new TestClusterOptions { Node = new LocalNodeOptions { StateDirectory = Place("state"), ImagesFile = images } }, Stop);
        _kubectl = new Kubectl(program.Path!, _cluster.KubeconfigPath, _directory.FullName, "default");
        await Kubectl.DoWithAsync(
            """
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {terminationGracePeriodSeconds: 1, containers: [
              {name: main, image: shell, env: [{name: COLOUR, value: blue}], command: [/bin/sh, -c, 'echo one; echo two >&2; exec sleep 1000']}, {name: side, image: shell, command: [/bin/sh, -c, 'echo beside; exec sleep 1000']}]}}
            """,
            "apply", "-f", "-");
        await Kubectl.DoAsync("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
    }

    public async ValueTask DisposeAsync()
    {
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Exec_gives_both_streams_the_exit_code_and_takes_input()
    {
        var ended = await Kubectl.TryAsync("exec", "web", "-c", "main", "--", "sh", "-c", "echo $COLOUR; echo wrong >&2; exit 7");
        Assert.Equal((7, "blue"), (ended.Code, ended.Out));
        Assert.Contains("wrong", ended.Err, StringComparison.Ordinal);
        Assert.Contains("command terminated with exit code 7", ended.Err, StringComparison.Ordinal);
        Assert.Equal("200000", (await Kubectl.DoWithAsync(new string('x', 200_000), "exec", "-i", "web", "--", "wc", "-c")).Trim());
        (await Kubectl.TryAsync("exec", "web", "--", "no-such-program")).Refused("executable file not found in $PATH");
        (await Kubectl.TryAsync("exec", "web", "-c", "none", "--", "true")).Refused("container none is not valid for pod web");
    }

    [Fact]
    public async Task Exec_with_a_terminal_is_a_shell_that_one_types_into()
    {
        var script = RequiredProgram.Find("script");
        Assert.SkipWhen(script.Path is null, script.SkipReason ?? "");
        var command = $"{RequiredProgram.Find("kubectl").Path} --kubeconfig {_cluster!.KubeconfigPath} exec -it web -c main -- sh";
        await using var run = RunningProcess.Start(script.Path!, ["-qec", command, "/dev/null"], new Dictionary<string, string> { ["HOME"] = _directory.FullName }, input: "tty && echo in a $COLOUR terminal\nexit 4\n");
        var code = await run.ExitAsync(Patience, Stop);
        Assert.True(code == 4, $"exit code {code}\n{run.Out}\n{run.Err}");
        Assert.Contains("in a blue terminal", run.Out, StringComparison.Ordinal);
        Assert.Contains("/dev/pts/", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_and_directories_are_copied_there_and_back()
    {
        var from = Directory.CreateDirectory(Place("from/deep")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(from, "a.txt"), "first", Stop);
        await File.WriteAllTextAsync(Path.Combine(from, "deep", "b.txt"), "second", Stop);
        await Kubectl.DoAsync("cp", from, "web:/data/tree", "-c", "main");
        Assert.Equal("second", await Kubectl.DoAsync("exec", "web", "--", "cat", "/data/tree/deep/b.txt"));
        await Kubectl.DoAsync("exec", "web", "--", "sh", "-c", "echo third > /data/tree/c.txt");
        await Kubectl.DoAsync("cp", "web:/data/tree", Place("back"), "-c", "main");
        Assert.Equal(["first", "second", "third\n"], [await ReadAsync("back/a.txt"), await ReadAsync("back/deep/b.txt"), await ReadAsync("back/c.txt")]);
        await Kubectl.DoAsync("cp", "web:/data/tree/a.txt", Place("single"), "-c", "main");
        Assert.Equal("first", await ReadAsync("single"));
    }

    [Fact]
    public async Task Run_with_input_ends_and_takes_its_pod_away()
    {
        var run = await Kubectl.TryWithAsync("hello\nmore\n", "run", "reads", "--image=shell", "--restart=Never", "-i", "--rm", "--pod-running-timeout=60s", "--", "sh", "-c", "true");
        Assert.True(run.Code == 0, run.ToString());
    }

    [Fact]
    public async Task Attach_gives_what_is_typed_to_the_container_whose_input_stays_open_when_a_client_has_gone()
    {
        await Kubectl.DoWithAsync(
            "---\n{apiVersion: v1, kind: Pod, metadata: {name: asks}, spec: {restartPolicy: Never, containers: [{name: main, image: shell, stdin: true, command: [/bin/sh, -c, 'while read line; do echo \"<$line>\"; test \"$line\" = end && exit 0; done; exit 9']}]}}",
            "apply", "-f", "-");
        await Kubectl.DoAsync("wait", "--for=condition=Ready", "pod/asks", "--timeout=60s");
        await using (var first = Kubectl.StartTyping("one\n", "attach", "-i", "asks"))
        {
            await Eventually.SeeAsync("the first line", _ => Kubectl.DoAsync("logs", "asks"), text => text == "<one>", Patience, Stop);
            Assert.Equal("<one>", await first.LineAsync(line => line.StartsWith('<'), Patience, Stop));
            first.Signal(9);
            await first.ExitAsync(Patience, Stop);
        }

        await using var second = Kubectl.StartTyping("end\n", "attach", "-i", "asks");
        Assert.Equal(0, await second.ExitAsync(Patience, Stop));
        await Kubectl.DoAsync("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/asks", "--timeout=60s");
        Assert.Equal("<one>\n<end>", await Kubectl.DoAsync("logs", "asks"));
    }

    [Fact]
    public async Task Logs_have_their_options()
    {
        Assert.Equal("one\ntwo", await Kubectl.DoAsync("logs", "web", "-c", "main"));
        Assert.Equal("two", await Kubectl.DoAsync("logs", "web", "-c", "main", "--tail=1"));
        Assert.Equal("one\ntwo", await Kubectl.DoAsync("logs", "web", "-c", "main", "--since=1h"));
        Assert.Matches(new Regex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z one$", RegexOptions.Multiline), await Kubectl.DoAsync("logs", "web", "-c", "main", "--timestamps"));
        Assert.Equal(["[pod/web/main] one", "[pod/web/main] two", "[pod/web/side] beside"], (await Kubectl.DoAsync("logs", "-l", "app=web", "--all-containers", "--prefix")).Split('\n').Order(StringComparer.Ordinal));
        (await Kubectl.TryAsync("logs", "web", "-c", "main", "--previous")).Refused("previous terminated container \"main\" in pod \"web\" not found");
        await Kubectl.DoWithAsync("---\n{apiVersion: v1, kind: Pod, metadata: {name: falls}, spec: {containers: [{name: main, image: shell, command: [/bin/sh, -c, 'echo run; exit 3']}]}}", "apply", "-f", "-");
        await Kubectl.DoAsync("wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/falls", "--timeout=60s");
        Assert.Equal("run", await Kubectl.DoAsync("logs", "falls", "--previous"));
    }

    [Fact]
    public async Task A_log_is_followed_to_the_end_of_its_container()
    {
        await Kubectl.DoWithAsync("---\n{apiVersion: v1, kind: Pod, metadata: {name: counts}, spec: {restartPolicy: Never, containers: [{name: main, image: shell, command: [/bin/sh, -c, 'for i in 1 2 3; do echo $i; sleep 0.3; done']}]}}", "apply", "-f", "-");
        await Kubectl.DoAsync("wait", "--for=jsonpath={.status.containerStatuses[0].started}=true", "pod/counts", "--timeout=60s");
        Assert.Equal("1\n2\n3", await Kubectl.DoAsync("logs", "-f", "counts"));
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Place(name), Stop);

    private string Place(string name) => Path.Combine(_directory.FullName, name);
}
