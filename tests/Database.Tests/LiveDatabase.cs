using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;
using Npgsql;

namespace Databases.Tests;

/// <summary>One Database <c>shop</c> with real servers, in a namespace of its own, as its users see it: through its Services and with what its Secret says.</summary>
internal sealed class LiveDatabase
{
    private const string Name = "shop";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    private LiveDatabase(OperatorUnderTest running, string @namespace) => (Running, Namespace) = (running, @namespace);

    public OperatorUnderTest Running { get; }

    public string Namespace { get; }

    public ObjectKey Key => new(Namespace, Name);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Makes one, and waits until it is ready.</summary>
    public static async Task<LiveDatabase> CreateAsync(LiveServers servers, string @namespace, int replicas = 1, Action<DatabaseSpec>? change = null)
    {
        Assert.SkipWhen(LiveServers.SkipReason is not null, LiveServers.SkipReason ?? "");
        var result = new LiveDatabase(servers.Running, await servers.Running.NamespaceAsync(@namespace));
        await result.CreateAsync(replicas, change);
        return result;
    }

    /// <summary>Makes it (again), and waits until it is ready.</summary>
    public async Task<Database> CreateAsync(int replicas = 1, Action<DatabaseSpec>? change = null)
    {
        var database = Given.Database(Name, Namespace, replicas);
        change?.Invoke(database.Spec);
        await Running.Client.CreateAsync(database, cancellationToken: Cancelled);
        return await ReadyAsync(replicas);
    }

    public async Task DeleteAsync()
    {
        await Running.Client.DeleteAsync<Database>(Key, cancellationToken: Cancelled);
        await Eventually.SeeAsync("no Database", token => Running.Client.FindAsync<Database>(Key, token), found => found is null, Long, Cancelled);
    }

    /// <summary>The Database, once its status speaks of its present spec and is as wanted.</summary>
    public Task<Database> SeenAsync(string what, Func<Database, bool> holds) => Eventually.SeeAsync(
        $"{Key} to be {what}", token => Running.Client.GetAsync<Database>(Key, token), now => now.Status?.ObservedGeneration == now.Metadata.Generation && holds(now), Long, Cancelled);

    public Task<Database> ReadyAsync(int replicas, string? primary = null) => SeenAsync(
        $"Ready with {replicas} servers{(primary is null ? "" : $" and {primary} the primary")}",
        now => now.Status is { Phase: Phases.Ready } status && status.ReadyReplicas == replicas && (primary ?? status.Primary) == status.Primary
            && (status.Standbys?.Count(one => one.State == "streaming") ?? 0) == replicas - 1);

    public Task AnnotateAsync(string name, string? value) => Running.Client.PatchAsync<Database>(
        Key, PatchType.Merge, Annotation(name, value), cancellationToken: Cancelled);

    /// <summary>Asks for another primary.</summary>
    public Task SwitchOverAsync(string pod) => AnnotateAsync("switchover", pod);

    public Task ChangeAsync(string spec) => Running.ChangeAsync(Namespace, Name, spec);

    public Task<DynamicObject> FindAsync(ResourceType type, string name, Func<DynamicObject, bool>? holds = null) => Eventually.SeeAsync(
        $"{type.Kind} {name} as it should be", token => Running.Client.GetAsync(type, new(Namespace, name), token), found => holds?.Invoke(found) != false, Long, Cancelled);

    public Task<DynamicObject> PodAsync(string name, Func<DynamicObject, bool>? holds = null) => FindAsync(ChildKinds.Pod, name, holds);

    /// <summary>One value of a Secret.</summary>
    public async Task<string> SecretAsync(string key, string secret = "shop-credentials") => Credentials.Value(await FindAsync(ChildKinds.Secret, secret), key)!;

    /// <summary>Address that a Service has on this machine.</summary>
    public async Task<string> AddressAsync(string service = Name) => (string)(await FindAsync(ChildKinds.Service, service)).ToJson()["spec"]!["clusterIP"]!;

    /// <summary>What applications connect with, by a Service's address.</summary>
    public async Task<NpgsqlDataSource> ConnectAsync(string service = Name, string? password = null) =>
        Source(await AddressAsync(service), "app", password ?? await SecretAsync("password"), "orders");

    /// <summary>What applications connect with, to one pod.</summary>
    /// <exception cref="TimeoutException">It has no address at present.</exception>
    public async Task<NpgsqlDataSource> AtPodAsync(string pod)
    {
        var found = await Running.Client.FindAsync(ChildKinds.Pod, new(Namespace, pod), Cancelled);
        return Source((string?)found?.ToJson()["status"]?["podIP"] ?? throw new TimeoutException($"{pod} has no address"), "app", await SecretAsync("password"), "orders");
    }

    /// <summary>The superuser, at one pod.</summary>
    public async Task<NpgsqlDataSource> SuperuserAsync(string pod)
    {
        var found = await PodAsync(pod, one => one.ToJson()["status"]?["podIP"] is not null);
        return Source((string)found.ToJson()["status"]!["podIP"]!, "postgres", await SecretAsync("password", "shop-superuser"), "postgres");
    }

    public async Task RunAsync(string sql)
    {
        await using var source = await ConnectAsync();
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public async Task<T> ReadAsync<T>(string sql, string service = Name)
    {
        await using var source = await ConnectAsync(service);
        return await ReadAsync<T>(source, sql);
    }

    public async Task<T> AskAsync<T>(string pod, string sql)
    {
        await using var source = await SuperuserAsync(pod);
        return await ReadAsync<T>(source, sql);
    }

    /// <summary>What is in table <c>rows</c>.</summary>
    public async Task<HashSet<int>> RowsAsync() => [.. await ReadAsync<int[]>("SELECT coalesce(array_agg(i), '{}') FROM rows")];

    public async Task<bool> IsSwitchedOverAsync(string primary) =>
        (await Running.Client.GetAsync<Database>(Key, Cancelled)).Status is { Phase: Phases.Ready, Switchover.State: SwitchoverStatus.Completed } status && status.Primary == primary;

    /// <summary>Sees that a switchover from one of two servers to the other was survived by a client and by each of its rows.</summary>
    public async Task KeptAsync(WritingClient client, string primary)
    {
        await ReadyAsync(2, primary);
        await client.GoesOnAsync();
        await client.DisposeAsync();
        Assert.Empty(client.Committed.Except(await RowsAsync()));
        Assert.True(await AskAsync<bool>(primary == "shop-0" ? "shop-1" : "shop-0", "SELECT pg_is_in_recovery()"));
    }

    public async Task<bool> IsRefusedAsync(string password)
    {
        await using var source = await ConnectAsync(password: password);
        try
        {
            await using var connection = await source.OpenConnectionAsync(Cancelled);
            return false;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return true;
        }
    }

    /// <summary>kill -9 of a pod's postmaster.</summary>
    public async Task KillServerAsync(string pod)
    {
        var number = await AskAsync<string>(pod, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
        using var postmaster = Process.GetProcessById(int.Parse(number, CultureInfo.InvariantCulture));
        postmaster.Kill();
    }

    /// <summary>What psql prints, given a connection string, and a file of passwords where that has none.</summary>
    public async Task<string> PsqlAsync(string uri, string sql, string? passwords = null)
    {
        var start = new ProcessStartInfo("psql", [uri, "-XAtq", "-c", sql]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Names of the cluster do not resolve on this machine.
        start.Environment["PGHOSTADDR"] = await AddressAsync();
        start.Environment["PGPASSFILE"] = passwords ?? "/dev/null";
        using var psql = Process.Start(start)!;
        var (output, errors) = (psql.StandardOutput.ReadToEndAsync(Cancelled), psql.StandardError.ReadToEndAsync(Cancelled));
        await psql.WaitForExitAsync(Cancelled);
        return (await output + await errors).Trim();
    }

    private static byte[] Annotation(string name, string? value) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [$"database.example.com/{name}"] = value } } }.ToJsonString());

    private static async Task<T> ReadAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    private static NpgsqlDataSource Source(string address, string user, string password, string database) => new NpgsqlSlimDataSourceBuilder(
        new NpgsqlConnectionStringBuilder { Host = address, Username = user, Password = password, Database = database, Pooling = false, SslMode = SslMode.Disable, Timeout = 5 }.ConnectionString).EnableArrays().Build();
}
