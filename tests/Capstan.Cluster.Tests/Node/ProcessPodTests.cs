using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Processes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>Pods whose containers are shells of this machine.</summary>
public sealed class ProcessPodTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-node-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalNodeOptions Options
    {
        get
        {
            ShellNode.Open(_directory);
            var images = Path.Combine(_directory.FullName, "images.json");
            File.WriteAllText(images, """{"images": [{"image": "shell", "command": ["/bin/sh", "-c", "exec sleep 1000"], "directories": ["/data"]}]}""");
            return new() { StateDirectory = Path.Combine(_directory.FullName, "state"), ImagesFile = images };
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_container_has_its_variables_volumes_and_address()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.ApplyAsync(
            """
            {apiVersion: v1, kind: Secret, metadata: {name: login, namespace: shop}, stringData: {password: "s3cret word"}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {MODE: fast, other.conf: "x=1"}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: db-main, namespace: shop}, spec: {ports: [{name: pg, port: 5432}]}}
            """);
        await node.RunAsync(
            "prints",
            """
            {restartPolicy: Never, containers: [{name: main, image: "shell:1", command: [/bin/sh, -c],
              args: ['echo "$GREETING|$PASSWORD|$MODE|$P_MODE|$NAME|$CPU|$DB_MAIN_SERVICE_PORT|$LITERAL"; cat /etc/secrets/password; echo; cat /etc/config/sub/o; echo; cat /etc/all/name; echo; echo $POD_IP; test -s /var/run/secrets/kubernetes.io/serviceaccount/token && echo token; echo kept > /cache/file; cat /cache/file; echo ended > /dev/termination-log'],
              env: [{name: LITERAL, value: "$$(NOT)"}, {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: GREETING, value: "hello $(NAME) $(NONE)"}, {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}},
                    {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}, {name: MISSING, valueFrom: {secretKeyRef: {name: none, key: none, optional: true}}}, {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}],
              envFrom: [{configMapRef: {name: settings}}, {prefix: P_, configMapRef: {name: settings}}],
              resources: {limits: {cpu: 250m}},
              volumeMounts: [{name: secrets, mountPath: /etc/secrets}, {name: config, mountPath: /etc/config}, {name: all, mountPath: /etc/all}, {name: cache, mountPath: /cache, subPath: deep/er}]}],
             volumes: [{name: secrets, secret: {secretName: login, defaultMode: 256}}, {name: config, configMap: {name: settings, items: [{key: other.conf, path: sub/o}]}},
               {name: all, projected: {sources: [{downwardAPI: {items: [{path: name, fieldRef: {fieldPath: "metadata.labels['missing']"}}]}}]}}, {name: cache, emptyDir: {}}]}
            """);
        var pod = await node.SeePhaseAsync("prints", "Succeeded");
        var lines = await LogAsync(node, "prints", "main");
        Assert.Equal("hello prints $(NONE)|s3cret word|fast|fast|prints|250|5432|$(NOT)", lines[0]);
        Assert.Equal($"s3cret word,x=1,,{(string?)pod["status"]!["podIP"]},token,kept", string.Join(',', lines[1..]));
        Assert.Equal("ended\n", (string?)NodeFixture.Container(pod, "main")["state"]!["terminated"]!["message"]);
    }

    [Fact]
    public async Task Exit_codes_and_signals_are_told_and_what_fails_is_restarted_with_its_log_kept()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.RunAsync("fails", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, command: [/bin/sh, -c, 'echo out; echo err >&2; exit 7'], terminationMessagePolicy: FallbackToLogsOnError}]}");
        var pod = await node.SeeAsync("fails", "to back off", found => (string?)NodeFixture.Container(found, "main")["state"]?["waiting"]?["reason"] == "CrashLoopBackOff");
        var last = NodeFixture.Container(pod, "main")["lastState"]!["terminated"]!;
        Assert.Equal((7, "Error"), ((int)last["exitCode"]!, (string?)last["reason"]));
        Assert.Contains("out", (string?)last["message"], StringComparison.Ordinal);
        var main = node.Node.Pods.Find(new("shop", "fails"))!.Find("main")!;
        Assert.All([main.LogFile(previous: false), main.LogFile(previous: true)], file => Assert.Contains("stderr F err", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_begins_with_no_signal_ignored_although_NET_ignores_one()
    {
        Assert.SkipWhen(SignalDefaults.Prefix.Count == 0, "this machine's env is not GNU's");
        await using var node = await NodeFixture.StartAsync(Options);
        await node.RunAsync("takes-all", "{restartPolicy: Never, containers: [{name: main, image: shell, command: [/bin/grep, SigIgn, /proc/self/status]}]}");
        await node.SeePhaseAsync("takes-all", "Succeeded");
        Assert.Equal(["SigIgn:\t0000000000000000"], await LogAsync(node, "takes-all", "main"));
    }

    [Fact]
    public async Task A_secret_that_comes_later_lets_the_pod_start_and_a_change_of_it_reaches_the_files()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.RunAsync(
            "waits",
            "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, env: [{name: A, valueFrom: {secretKeyRef: {name: late, key: a}}}], volumeMounts: [{name: s, mountPath: /s}]}], volumes: [{name: s, secret: {secretName: late}}]}");
        var refused = await node.SeeEventAsync("waits", "FailedMount");
        Assert.Equal("MountVolume.SetUp failed for volume \"s\" : secret \"late\" not found", (string?)refused["message"]);
        await node.ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: late, namespace: shop}, stringData: {a: one}}");
        var pod = await node.SeeReadyAsync("waits");
        var file = Path.Combine(_directory.FullName, "state", "pods", (string)pod["metadata"]!["uid"]!, "volumes", "s", "a");
        Assert.Equal("one", await File.ReadAllTextAsync(file, Stop));
        await node.ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: late, namespace: shop}, stringData: {a: two}}");
        await Eventually.SeeAsync("the new content", stop => File.ReadAllTextAsync(file, stop), text => text == "two", cancellationToken: Stop);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_a_config_error_until_it_comes()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {}}");
        await node.RunAsync("lacks", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: a}}}]}]}");
        var pod = await node.SeeAsync("lacks", "to tell", found => NodeFixture.Container(found, "main")["state"]?["waiting"]?["message"] is not null);
        var waiting = NodeFixture.Container(pod, "main")["state"]!["waiting"]!;
        Assert.Equal(("CreateContainerConfigError", "couldn't find key a in ConfigMap shop/c"), ((string?)waiting["reason"], (string?)waiting["message"]));
        await node.ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {a: x}}");
        await node.SeeReadyAsync("lacks");
    }

    [Fact]
    public async Task Probes_decide_when_it_is_started_ready_and_restarted()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.RunAsync(
            "probed",
            """
            {terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, command: [/bin/sh, -c, 'sleep 1; touch /data/up; exec sleep 1000'],
              startupProbe: {exec: {command: [test, -e, /data/up]}, periodSeconds: 1, failureThreshold: 30},
              readinessProbe: {exec: {command: [test, -e, /data/ready]}, periodSeconds: 1},
              livenessProbe: {exec: {command: [/bin/sh, -c, 'test ! -e /data/dead']}, periodSeconds: 1, failureThreshold: 1}}]}
            """);
        var pod = await node.SeeAsync("probed", "to be started", found => (bool?)NodeFixture.Container(found, "main")["started"] == true);
        Assert.Equal("False", NodeFixture.Condition(pod, "Ready"));
        var main = node.Node.Pods.Find(new("shop", "probed"))!.Find("main")!;
        await RunAsync(main, "touch /data/ready");
        await node.SeeReadyAsync("probed");
        await RunAsync(main, "rm /data/up; touch /data/dead");
        await node.SeeAsync("probed", "to be restarted", found => (int)NodeFixture.Container(found, "main")["restartCount"]! >= 1);
        Assert.Equal("Container main failed liveness probe, will be restarted", (string?)(await node.SeeEventAsync("probed", "Killing"))["message"]);
    }

    [Fact]
    public async Task Its_end_takes_the_hook_the_signal_and_at_last_force_and_takes_its_children_with_it()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        var traces = Path.Combine(_directory.FullName, "traces");
        Directory.CreateDirectory(traces);
        await node.RunAsync(
            "stubborn",
            $$"""
            {terminationGracePeriodSeconds: 3, containers: [{name: main, image: shell, command: [/bin/sh, -c, 'trap "echo term >> /traces/log" TERM; setsid sleep 987 & while :; do sleep 0.1; done'],
              lifecycle: {postStart: {exec: {command: [/bin/sh, -c, 'echo start >> /traces/log'] } }, preStop: {exec: {command: [/bin/sh, -c, 'echo stop >> /traces/log'] } } },
              volumeMounts: [{name: t, mountPath: /traces}]}], volumes: [{name: t, hostPath: {path: {{traces}} } }]}
            """);
        await node.SeeReadyAsync("stubborn");

        // The container runs before its shell has come to the child.
        var families = new ProcessLedger(Options.StateDirectory!).Read();
        var members = await Eventually.SeeAsync(
            "the child",
            _ => Task.FromResult(families.SelectMany(family => family.Members(ProcessSnapshot.Take())).ToList()),
            seen => seen.Count >= 2,
            cancellationToken: Stop);
        await node.DeleteAsync("stubborn");
        await node.SeeGoneAsync("stubborn");
        Assert.Equal("start\nstop\nterm\n", await File.ReadAllTextAsync(Path.Combine(traces, "log"), Stop));
        Assert.DoesNotContain(members, member => ProcessTable.Find(member.Id)?.StartedAt == member.StartedAt);
    }

    [Fact]
    public async Task A_command_beside_it_sees_its_places_and_variables_and_with_a_terminal_its_size()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        await node.RunAsync("web", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell, env: [{name: COLOUR, value: blue}]}]}");
        await node.SeeReadyAsync("web");
        var run = node.Node.Pods.Find(new("shop", "web"))!.Find("main")!.Run!;
        await using (var plain = await run.ExecAsync(["/bin/sh", "-c", "cat > /data/in; echo $COLOUR; cat /data/in; exit 3"], tty: false, Stop))
        {
            await plain.Input.WriteAsync("typed"u8.ToArray(), Stop);
            plain.Input.Close();
            Assert.Equal("blue\ntyped", await ReadAsync(plain.Output));
            Assert.Equal(3, await plain.Ended);
        }

        await using var terminal = await run.ExecAsync(["/bin/sh", "-c", "read go; stty size; tty >/dev/null && echo terminal"], tty: true, Stop);
        terminal.Resize(columns: 91, rows: 17);
        await terminal.Input.WriteAsync("go\n"u8.ToArray(), Stop);
        var seen = await ReadAsync(terminal.Output);
        Assert.Contains("17 91", seen, StringComparison.Ordinal);
        Assert.Contains("terminal", seen, StringComparison.Ordinal);
        var usage = run.Usage(ProcessSnapshot.Take());
        Assert.True(usage.MemoryBytes > 0, usage.ToString());
    }

    [Fact]
    public async Task Hostile_manifests_hurt_nobody_else()
    {
        await using var node = await NodeFixture.StartAsync(Options);
        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "link"), "/etc");
        await node.RunAsync("escapes", $"{{containers: [{{name: main, image: shell, volumeMounts: [{{name: v, mountPath: /v, subPath: link/x}}]}}], volumes: [{{name: v, hostPath: {{path: {_directory.FullName}}}}}]}}");
        var pod = await node.SeeAsync("escapes", "to be refused", found => NodeFixture.Container(found, "main")["state"]?["waiting"]?["message"] is not null);
        Assert.Contains("link/x leads out of its volume", (string?)NodeFixture.Container(pod, "main")["state"]!["waiting"]!["message"], StringComparison.Ordinal);
        var bomb = string.Join(", ", Enumerable.Range(1, 30).Select(i => $"{{name: V{i}, value: '$(V{i - 1})$(V{i - 1})'}}"));
        await node.RunAsync("bomb", $"{{containers: [{{name: main, image: shell, env: [{{name: V0, value: 0123456789abcdef}}, {bomb}]}}]}}");
        await node.SeeAsync("bomb", "to be refused", found => (string?)NodeFixture.Container(found, "main")["state"]?["waiting"]?["reason"] == "CreateContainerConfigError");
        await node.RunAsync("long", $"{{containers: [{{name: main, image: shell, args: ['{new string('x', 200_000)}'], command: [/bin/echo]}}]}}");
        await node.SeeAsync("long", "to be refused", found => (string?)NodeFixture.Container(found, "main")["lastState"]?["terminated"]?["reason"] == "StartError");
        await node.RunAsync("absent", "{containers: [{name: main, image: shell, command: [no-such-program]}]}");
        pod = await node.SeeAsync("absent", "to be refused", found => NodeFixture.Container(found, "main")["lastState"]?["terminated"] is not null);
        Assert.Contains("executable file not found in $PATH", (string?)NodeFixture.Container(pod, "main")["lastState"]!["terminated"]!["message"], StringComparison.Ordinal);
        await node.RunAsync("fine", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell}]}");
        await node.SeeReadyAsync("fine");
    }

    [Fact]
    public async Task What_a_killed_node_left_is_ended_by_identity_and_nothing_else_is()
    {
        var options = Options;
        var ledger = new ProcessLedger(options.StateDirectory!);
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" };
        var left = StartedProcess.Start(new() { Command = ["/bin/sh", "-c", "setsid sleep 986 & exec sleep 985"], WorkingDirectory = "/", Environment = environment }, ledger, TimeProvider.System);
        await Eventually.SeeAsync("both processes", _ => Task.FromResult(left.Family.Members(ProcessSnapshot.Take())), members => members.Count == 2, cancellationToken: Stop);

        // Written down with the id of another that lives: it must not be harmed.
        await using var other = StartedProcess.Start(new() { Command = ["/bin/sleep", "984"], WorkingDirectory = "/", Environment = environment }, new(Path.Combine(_directory.FullName, "elsewhere")), TimeProvider.System);
        ledger.Add(other.Family with { StartedAt = other.Family.StartedAt - 1, Mark = new string('0', 64) });
        ledger.Add(other.Family with { BootId = "another", Mark = new string('1', 64) });
        await using (await NodeFixture.StartAsync(options))
        {
            Assert.Empty(left.Family.Members(ProcessSnapshot.Take()));
            Assert.Empty(ledger.Read());
            Assert.True(other.Family.IsAlive);
        }

        await left.DisposeAsync();
    }

    private static async Task RunAsync(ContainerOnNode container, string script)
    {
        await using var session = await container.Run!.ExecAsync(["/bin/sh", "-c", script], tty: false, Stop);
        Assert.Equal(0, await session.Ended);
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        int read;
        while ((read = await stream.ReadAsync(buffer, Stop)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private async Task<string[]> LogAsync(NodeFixture node, string pod, string container)
    {
        var found = (JsonObject)(await node.Client.GetAsync(NodeFixture.Pods, new("shop", pod), Stop)).ToJson();
        var log = new PodDirectories(Options.StateDirectory!).LogFile((string)found["metadata"]!["uid"]!, container, 0);
        return [.. File.ReadAllLines(log).Select(line => line.Split(' ', 4)[3])];
    }
}
