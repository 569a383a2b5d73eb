using System.Text.Json.Nodes;
using Capstan;
using Capstan.Cluster;
using Capstan.Cluster.Proxy;
using Capstan.Testing;
using Databases.Dumps;
using Databases.Resources;
using Databases.Tests.Sql;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Databases.Tests.Dumps;

/// <summary>A cluster whose pods are processes of this machine, with addresses for Services, and the operator on it: all that <c>capstan local</c> has, in the test process.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(180);

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("capstan-dumps-");
    private TestCluster? _cluster;
    private ServiceProxy? _proxy;
    private KubeClient? _operatorClient;
    private RunningOperator? _running;

    public KubeClient Client => _cluster!.Client;

    public TestCluster Cluster => _cluster!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (LocalPod.SkipReason is not null)
        {
            return;
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_state.FullName, (UnixFileMode)0b111_101_101);
        }

        _cluster = await TestCluster.StartAsync(new() { Node = new() { StateDirectory = _state.FullName } });
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await _cluster.InstallAsync(definition);
        }

        _cluster.Client.Discovery.Forget();
        await _cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: other}}");
        _proxy = await ServiceProxy.StartAsync(_cluster.Client);
        _operatorClient = _cluster.NewClient("database-operator");
        await StartOperatorAsync();
    }

    public async Task StartOperatorAsync() => _running = await RunningOperator.StartAsync(DatabaseOperator.Build(
        _operatorClient!, new() { ConnectionsPerSecond = 100, MetricsBindAddress = "127.0.0.1:0", HealthProbeBindAddress = "0" }, NullLoggerFactory.Instance));

    public ValueTask StopOperatorAsync() => _running!.DisposeAsync();

    public async Task<string> MetricsAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{_running!.Operator.MetricsPort}/metrics"), Cancelled);
    }

    /// <summary>A Database that is ready, in which a table has so many rows.</summary>
    public async Task<Database> FilledAsync(Database wanted, int rows = 1000)
    {
        await Client.CreateAsync(wanted, cancellationToken: Cancelled);
        var made = await ReadyAsync(wanted.Key);
        await SqlAsync(made, $"""
            CREATE TABLE "Ta""ble" (id serial PRIMARY KEY, text text);
            INSERT INTO "Ta""ble" (text) SELECT '{wanted.Key.Namespace} ' || repeat(md5(i::text), 4) FROM generate_series(1, {rows}) i;
            CREATE VIEW seen AS SELECT count(*) FROM "Ta""ble";
            """);
        return made;
    }

    public Task<Database> ReadyAsync(ObjectKey key) => SeeAsync<Database>(key, "to be ready", database => database.Status?.Phase == Phases.Ready);

    /// <summary>What tells whether the rows are the same: how many, a sum over all, the next number and the owner.</summary>
    public Task<string> RowsAsync(Database database) => SqlAsync(database, """
        SELECT (SELECT * FROM seen) || ' ' || (SELECT md5(string_agg(id || text, ',' ORDER BY id)) FROM "Ta""ble") || ' ' || (SELECT last_value FROM "Ta""ble_id_seq") || ' '
            || (SELECT tableowner FROM pg_tables WHERE tablename = 'Ta"ble')
        """);

    public async Task<string> SqlAsync(Database database, string sql, bool asSuperuser = false)
    {
        await using var source = await ConnectAsync(database, asSuperuser);
        await using var command = source.CreateCommand(sql);
        return (await command.ExecuteScalarAsync(Cancelled))?.ToString() ?? "";
    }

    /// <summary>As an application connects: by the Service.</summary>
    public async Task<NpgsqlDataSource> ConnectAsync(Database database, bool asSuperuser = false)
    {
        var address = (string?)(await Client.GetAsync(Databases.Desired.ChildKinds.Service, database.Key, Cancelled)).ToJson()["spec"]!["clusterIP"];
        var secret = await Client.GetAsync(Databases.Desired.ChildKinds.Secret, new(database.Key.Namespace, $"{database.Key.Name}-{(asSuperuser ? "superuser" : "credentials")}"), Cancelled);
        return new NpgsqlSlimDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = address,
            Username = asSuperuser ? "postgres" : database.Spec.Username,
            Password = Databases.Desired.Credentials.Value(secret, "password"),
            Database = asSuperuser ? "postgres" : database.Spec.DatabaseName,
            Pooling = false,
        }.ConnectionString).Build();
    }

    public async Task<Backup> BackUpAsync(string name, Database database, Action<BackupSpec>? with = null)
    {
        var backup = new Backup { Metadata = new() { Name = name, Namespace = database.Metadata.Namespace }, Spec = new() { DatabaseRef = new() { Name = database.Metadata.Name! } } };
        with?.Invoke(backup.Spec);
        return await Client.CreateAsync(backup, cancellationToken: Cancelled);
    }

    public Task<Restore> RestoreAsync(string name, Backup backup, string target, bool inPlace = false) => Client.CreateAsync(
        new Restore
        {
            Metadata = new() { Name = name, Namespace = backup.Metadata.Namespace },
            Spec = new() { DatabaseRef = new() { Name = target }, BackupRef = new() { Name = backup.Metadata.Name! }, InPlace = inPlace ? true : null },
        },
        cancellationToken: Cancelled);

    public Task<Backup> SeeAsync(Backup backup, string phase) => SeeAsync<Backup>(backup.Key, $"to be {phase}", now => now.Status?.Phase == phase);

    public Task<Restore> SeeAsync(Restore restore, string phase) => SeeAsync<Restore>(restore.Key, $"to be {phase}", now => now.Status?.Phase == phase);

    public Task<T> SeeAsync<T>(ObjectKey key, string what, Func<T, bool> holds)
        where T : KubeObject, IKubeObject<T> =>
        Eventually.SeeAsync($"{T.Resource.Kind} {key} {what}", token => Client.GetAsync<T>(key, token), holds, Long, Cancelled);

    /// <summary>Makes a Job of a scheduled Backup's CronJob now, as <c>kubectl create job --from</c> does, and waits for its end.</summary>
    public async Task<Backup> RunNowAsync(Backup backup, string job)
    {
        var cron = await Eventually.SeeAsync("the CronJob", token => Client.GetAsync(Databases.Desired.ChildKinds.CronJob, new(backup.Key.Namespace, $"{backup.Key.Name}-backup"), token), _ => true, cancellationToken: Cancelled);
        var template = cron.ToJson()["spec"]!["jobTemplate"]!;
        var manifest = new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject
            {
                ["name"] = job,
                ["namespace"] = backup.Key.Namespace,
                ["labels"] = template["metadata"]!["labels"]!.DeepClone(),
                ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "CronJob", ["name"] = cron.Key.Name, ["uid"] = cron.Uid, ["controller"] = true }),
            },
            ["spec"] = template["spec"]!.DeepClone(),
        };
        await Client.CreateAsync(Databases.Desired.ChildKinds.Job, DynamicObject.From(manifest), cancellationToken: Cancelled);
        return await SeeAsync<Backup>(backup.Key, $"to have run {job}", now => now.Status?.LastRun?.Job == job);
    }

    /// <summary>The copies on all volumes, by the directory of a Backup.</summary>
    internal IReadOnlyList<string> CopiesOf(Backup backup) =>
        [.. Directory.EnumerateFiles(_state.FullName, "*.dump", SearchOption.AllDirectories).Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == DumpNames.Directory(backup)).Order()];

    internal async Task<IReadOnlyList<DynamicObject>> JobsOfAsync(KubeObject owner) =>
        [.. (await Client.ListAsync(Databases.Desired.ChildKinds.Job, new ListOptions { Namespace = owner.Metadata.Namespace! }, Cancelled)).Items.Where(job => job.OwnerReferences.Any(one => one.Uid == owner.Metadata.Uid))];

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
            await _proxy!.DisposeAsync();
            await _cluster!.DisposeAsync();
        }

        _state.Delete(recursive: true);
    }
}
