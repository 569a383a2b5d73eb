using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Containers;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>Sidecars, terminals and containers that read what somebody types, as processes.</summary>
public sealed class ContainerKindsTests : IDisposable
{
    private readonly ShellNode _shell = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_sidecar_starts_before_the_others_and_ends_after_them()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync(
            "staged",
            """
            {restartPolicy: Never, terminationGracePeriodSeconds: 20, volumes: [{name: s, emptyDir: {}}], initContainers: [
              {name: first, image: shell, command: [/bin/sh, -c, 'echo first >> /s/log'], volumeMounts: [{name: s, mountPath: /s}]},
              {name: beside, image: shell, restartPolicy: Always, volumeMounts: [{name: s, mountPath: /s}], startupProbe: {exec: {command: [test, -e, /s/up]}, periodSeconds: 1},
               command: [/bin/sh, -c, 'trap "echo beside ended >> /s/log; exit 0" TERM; echo beside >> /s/log; touch /s/up; while :; do sleep 0.1; done']},
              {name: last, image: shell, command: [/bin/sh, -c, 'echo last >> /s/log'], volumeMounts: [{name: s, mountPath: /s}]}],
             containers: [{name: main, image: shell, command: [/bin/sh, -c, 'echo main >> /s/log; sleep 0.2; echo main ended >> /s/log'], volumeMounts: [{name: s, mountPath: /s}]}]}
            """);
        var pod = await node.SeePhaseAsync("staged", "Succeeded");
        var log = Path.Combine(_shell.State, "pods", (string)pod["metadata"]!["uid"]!, "volumes", "s", "log");
        Assert.Equal(["first", "beside", "last", "main", "main ended", "beside ended"], await File.ReadAllLinesAsync(log, Stop));
        Assert.Equal(0, (int)NodeFixture.Container(pod, "beside")["state"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task A_probe_whose_command_is_not_there_is_told_and_ends_nothing()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync("probed", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, livenessProbe: {exec: {command: [no-such-program]}, periodSeconds: 1, failureThreshold: 1}, readinessProbe: {exec: {command: ['true']}, periodSeconds: 1}}]}");
        var told = await node.SeeEventAsync("probed", "Unhealthy");
        Assert.StartsWith("Liveness probe errored and resulted in unknown state: exec: \"no-such-program\"", (string?)told["message"], StringComparison.Ordinal);
        var pod = await node.SeeReadyAsync("probed");
        Assert.Equal(0, (int)NodeFixture.Container(pod, "main")["restartCount"]!);
    }

    [Fact]
    public async Task A_container_with_a_terminal_has_one_and_takes_what_is_typed()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync("typed", "{restartPolicy: Never, containers: [{name: main, image: shell, tty: true, stdin: true, command: [/bin/sh, -c, 'test -t 0 && test -t 1 && echo a terminal; read line; echo \"<$line>\"; exit 5']}]}");
        await node.SeeReadyAsync("typed");
        await Eventually.SeeAsync("its first words", _ => Task.FromResult(File.ReadAllText(node.Node.Pods.Find(new("shop", "typed"))!.Find("main")!.LogFile(previous: false))), text => text.Contains("a terminal", StringComparison.Ordinal), cancellationToken: Stop);
        var run = ShellNode.RunOf(node, "typed");
        var seen = new Output();
        using (run.Attach(seen.Add))
        {
            await run.Input!.WriteAsync("hello\n"u8.ToArray(), Stop);
            await node.SeePhaseAsync("typed", "Failed");
        }

        Assert.Contains("<hello>", seen.Text, StringComparison.Ordinal);
        var pod = await node.SeeAsync("typed", "to be there", _ => true);
        Assert.Equal(5, (int)NodeFixture.Container(pod, "main")["state"]!["terminated"]!["exitCode"]!);
        Assert.Contains(_shell.LogOf((string)pod["metadata"]!["uid"]!, "main"), line => line.Contains("<hello>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_with_input_reads_to_its_end_and_one_without_has_none()
    {
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        const string Counts = "[/bin/sh, -c, 'wc -c; exit 0']";
        await node.RunAsync("reads", $"{{restartPolicy: Never, containers: [{{name: main, image: shell, stdin: true, stdinOnce: true, command: {Counts}}}]}}");
        await node.RunAsync("has-none", $"{{restartPolicy: Never, containers: [{{name: main, image: shell, command: {Counts}}}]}}");
        var none = await node.SeePhaseAsync("has-none", "Succeeded");
        await node.SeeReadyAsync("reads");
        var input = ShellNode.RunOf(node, "reads").Input!;
        await input.WriteAsync(Encoding.UTF8.GetBytes(new string('x', 100_000)), Stop);
        await input.DisposeAsync();
        var read = await node.SeePhaseAsync("reads", "Succeeded");
        Assert.Equal(["0"], _shell.LogOf(Uid(none), "main"));
        Assert.Equal(["100000"], _shell.LogOf(Uid(read), "main"));
    }

    private static string Uid(JsonObject pod) => (string)pod["metadata"]!["uid"]!;

    private sealed class Output
    {
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public void Add(OutputChunk chunk)
        {
            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(chunk.Bytes.Span));
            }
        }
    }
}
