using System.Net;
using System.Net.Sockets;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>The cluster of the lessons: <c>capstan local</c> with the Database operator, whose servers are the PostgreSQL of this machine.</summary>
/// <remarks>The first test that asks starts it.</remarks>
public class DatabaseLab : IAsyncLifetime
{
    /// <summary>The operator's Deployment, and its ServiceAccount.</summary>
    internal const string Operator = "postgres-operator-controller-manager";

    /// <summary>Where it is.</summary>
    internal const string Namespace = "postgres-operator-system";

    private const string Installed = "/usr/lib/postgresql";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly int FirstPort = 20000 + (Environment.ProcessId % 10 * 1000);
    private static int _ports;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("capstan-lab-");
    private RunningProcess? _local;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Whether the machine must have PostgreSQL.</summary>
    private protected virtual bool NeedsPostgres => true;

    private string Kubeconfig => Path.Combine(_home.FullName, ".capstan", "kubeconfig");

    // Debian keeps the server off the path.
    private static string SearchPath => string.Join(
        ':', [AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH"), .. Directory.Exists(Installed) ? Directory.EnumerateDirectories(Installed).Select(version => Path.Combine(version, "bin")) : []]);

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_local is not null)
        {
            _local.Signal(15);
            await _local.ExitAsync(Patience, CancellationToken.None);
            await _local.DisposeAsync();
        }

        _home.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>kubectl with <c>default</c> as its namespace; the cluster runs.</summary>
    internal async Task<Kubectl> KubectlAsync()
    {
        await StartAsync();
        return new Kubectl(RequiredProgram.Find("kubectl").Path!, Kubeconfig, _home.FullName, "default");
    }

    /// <summary>A terminal in <c>~/postgres-operator</c>; the cluster runs.</summary>
    /// <param name="programs">What is typed there, beside what each lesson types: where one is missing, the test is skipped.</param>
    internal async Task<Terminal> TerminalAsync(params string[] programs)
    {
        Require(programs);
        await StartAsync();
        return Terminal.Open(Path.Combine(_home.FullName, "postgres-operator"), new Dictionary<string, string>
        {
            ["HOME"] = _home.FullName,
            ["KUBECONFIG"] = Kubeconfig,
            ["PATH"] = SearchPath,
            ["TERM"] = "xterm",
            ["COLUMNS"] = "200",
            ["LC_ALL"] = "C",
        });
    }

    /// <summary>A port of this machine that nobody listens on, and that no outgoing connection is given: the lessons' own ports may be taken.</summary>
    internal static int FreePort()
    {
        while (true)
        {
            // Each is given once: those that got one before may not listen yet.
            var port = FirstPort + (Interlocked.Increment(ref _ports) % 1000);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    /// <summary>More arguments of <c>capstan local</c>.</summary>
    /// <param name="home">A directory for files that they name.</param>
    private protected virtual IEnumerable<string> Arguments(string home) => [];

    private async Task StartAsync()
    {
        Require("kubectl", "make", "curl", "bash");
        if (NeedsPostgres && !Directory.Exists(Installed))
        {
            Require("postgres");
        }

        if (_local is null)
        {
            // PostgreSQL runs as another user where these tests run as root.
            _home.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            Directory.CreateSymbolicLink(Path.Combine(_home.FullName, "postgres-operator"), Repository.Of("operators", "Database"));
            _local = RunningProcess.Start(
                Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "database", .. Arguments(_home.FullName)], directory: _home.FullName);
            await _local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        }
    }

    private static void Require(params IEnumerable<string> programs)
    {
        foreach (var program in programs.Select(RequiredProgram.Find))
        {
            Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        }
    }
}
