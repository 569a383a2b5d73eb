using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Testing;
using Databases.Desired;
using Databases.Desired.Pods;
using Databases.Resources;

namespace Databases.Tests.Sql;

/// <summary>One pod of a Database on this machine, as the operator wants it: its very commands and variables, its volumes in a directory, as the user postgres.</summary>
internal sealed class LocalPod : IAsyncDisposable
{
    private static int _addresses;

    private readonly JsonObject _spec;
    private readonly DirectoryInfo _directory;
    private Process? _server;

    private LocalPod(JsonObject spec, string name)
    {
        _spec = spec;
        Name = name;
        _directory = Directory.CreateTempSubdirectory("capstan-pg-");
        var number = Interlocked.Increment(ref _addresses);
        Address = string.Create(CultureInfo.InvariantCulture, $"127.{113 + (Environment.ProcessId % 100)}.{1 + (number / 200)}.{1 + (number % 200)}");
        foreach (var mount in (string[])["data", "sockets", "temporary"])
        {
            Directory.CreateDirectory(Path.Combine(_directory.FullName, mount));
        }

        if (Environment.IsPrivilegedProcess)
        {
            Execute("chown", "-R", "postgres", _directory.FullName);
        }
    }

    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")))
        : null;

    /// <summary>Why these tests are skipped; null when they can run.</summary>
    public static string? SkipReason => Programs is null ? RequiredProgram.Find("postgres").SkipReason : null;

    public string Name { get; }

    public string Address { get; }

    public string Data => Path.Combine(_directory.FullName, "data", "pgdata");

    public string Log { get; private set; } = "";

    /// <summary>Values of the Secrets and the ConfigMap that the pod reads.</summary>
    public Dictionary<string, string> Values { get; } = new() { [DatabaseSecrets.SuperuserKey] = "super'secret", [DatabaseSecrets.ReplicationKey] = "replication-secret", [PrimaryRecord.Key] = "" };

    /// <summary>Address of the primary's Service.</summary>
    public string ServiceAddress { get; set; } = "";

    /// <param name="database">Whose.</param>
    /// <param name="name">Of the pod.</param>
    /// <param name="primary">Pod that is the primary, by the record.</param>
    /// <param name="serviceAddress">Address of that; null: its own.</param>
    public static LocalPod Of(Database database, string name, string primary, string? serviceAddress = null)
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var pod = new LocalPod(PostgresPod.Of(database, database.Spec.Image), name);
        pod.Values[PrimaryRecord.Key] = primary;
        pod.ServiceAddress = serviceAddress ?? pod.Address;
        return pod;
    }

    /// <param name="spec">A pod's spec.</param>
    /// <param name="name">Of the pod.</param>
    public static LocalPod Of(JsonObject spec, string name) => new(spec, name);

    /// <summary>Runs the init container, then the server, and returns when the readiness probe succeeds.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await RunAsync(cancellationToken);
    }

    /// <summary>Runs the init container.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var code = await FinishAsync(Begin(_spec["initContainers"]![0]!), cancellationToken);
        Assert.True(code == 0, $"prepare of {Name} ended with {code}:\n{Log}");
    }

    /// <summary>Runs the server alone, as a container that is restarted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var container = _spec["containers"]![0]!;
        _server = Begin(container);
        await Eventually.SeeAsync(
            $"{Name} to take connections", async token => await FinishAsync(Begin(container, container["readinessProbe"]!["exec"]!["command"]), token), code => code == 0, cancellationToken: cancellationToken);
    }

    /// <summary>Ends the pod as a kubelet does.</summary>
    public async Task StopAsync()
    {
        if (_server is { HasExited: false } server)
        {
            Execute("kill", "-TERM", server.Id.ToString(CultureInfo.InvariantCulture));
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Kills the postmaster.</summary>
    public async Task KillAsync()
    {
        Execute("kill", "-KILL", File.ReadLines(Path.Combine(Data, "postmaster.pid")).First());
        await _server!.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _server?.Dispose();
        _directory.Delete(recursive: true);
    }

    private Process Begin(JsonNode container, JsonNode? command = null)
    {
        var words = ((JsonArray)(command ?? container["command"]!)).Select(word => (string)word!).ToList();
        if (Environment.IsPrivilegedProcess)
        {
            words.InsertRange(0, ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }

        var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory.FullName };
        start.Environment.Clear();
        start.Environment["PATH"] = $"{Programs}:/usr/bin:/bin";
        foreach (var variable in (JsonArray)container["env"]!)
        {
            start.Environment[(string)variable!["name"]!] = Resolve(variable);
        }

        start.Environment[start.Environment["PRIMARY_ADDRESS_VARIABLE"]!] = ServiceAddress;

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private string Resolve(JsonNode variable)
    {
        if ((string?)variable["value"] is { } value)
        {
            var mount = _spec["containers"]![0]!["volumeMounts"]!.AsArray().FirstOrDefault(one => value == (string)one!["mountPath"]! || value.StartsWith($"{one["mountPath"]}/", StringComparison.Ordinal));
            return mount is null ? value : Path.Combine(_directory.FullName, (string)mount["name"]!) + value[((string)mount["mountPath"]!).Length..];
        }

        var from = variable["valueFrom"]!;
        return (string?)from["fieldRef"]?["fieldPath"] switch
        {
            "metadata.name" => Name,
            "status.podIP" => Address,
            _ => Values[(string)(from["secretKeyRef"] ?? from["configMapKeyRef"])!["key"]!],
        };
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_directory)
            {
                Log += $"{line}\n";
            }
        }
    }

    private static async Task<int> FinishAsync(Process process, CancellationToken cancellationToken)
    {
        using (process)
        {
            try
            {
                await process.WaitForExitAsync(cancellationToken);
                return process.ExitCode;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }

    private static void Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
    }
}
