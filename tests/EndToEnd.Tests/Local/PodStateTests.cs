using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary>PostgreSQL in a pod of <c>capstan local --data-dir</c>, below a directory that is closed to others, killed and started again.</summary>
public sealed class PodStateTests : IDisposable
{
    private const string Manifest = """
        ---
        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: store}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: pg}, spec: {terminationGracePeriodSeconds: 20, containers: [{name: pg, image: 'postgres:15',
          env: [{name: POSTGRES_PASSWORD, value: x}, {name: PGDATA, value: /var/lib/postgresql/data/pgdata}],
          readinessProbe: {exec: {command: [pg_isready, -U, postgres]}, periodSeconds: 1}, volumeMounts: [{name: store, mountPath: /var/lib/postgresql/data}]}],
         volumes: [{name: store, persistentVolumeClaim: {claimName: store}}]}}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-closed-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Node => Path.Combine(_directory.FullName, "data", "node");

    public void Dispose()
    {
        // As root the node's things are elsewhere.
        if (new DirectoryInfo(Node).LinkTarget is { } target)
        {
            Directory.Delete(target, recursive: true);
        }

        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_database_keeps_what_it_was_told_when_capstan_is_stopped_and_when_it_is_killed()
    {
        var (program, psql) = (RequiredProgram.Find("kubectl"), RequiredProgram.Find("psql"));
        Assert.SkipWhen(program.Path is null || psql.Path is null, program.SkipReason ?? psql.SkipReason ?? "");

        // Temporary directories are their owner's alone.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, _directory.UnixFileMode);
        var kubectl = new Kubectl(program.Path!, Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), _directory.FullName, "default");
        await using (var first = await StartAsync())
        {
            await kubectl.DoWithAsync(Manifest, "apply", "-f", "-");
            await ReadyAsync(kubectl, restarts: 0);
            await QueryAsync(kubectl, "create table said (what text); insert into said values ('first')");
            first.Signal(15);
            Assert.Equal(0, await first.ExitAsync(Patience, Stop));
        }

        await using (var second = await StartAsync())
        {
            await ReadyAsync(kubectl, restarts: 1);
            await QueryAsync(kubectl, "insert into said values ('second')");
            second.Signal(9);
            await second.ExitAsync(Patience, Stop);
        }

        await using var third = await StartAsync();
        await ReadyAsync(kubectl, restarts: 2);
        Assert.Equal("first\nsecond", await QueryAsync(kubectl, "select what from said order by what"));
        Assert.Equal("255", await kubectl.FieldAsync("pod", "pg", ".status.containerStatuses[0].lastState.terminated.exitCode"));
        third.Signal(15);
        Assert.Equal(0, await third.ExitAsync(Patience, Stop));
        Assert.False(Directory.Exists(Path.Combine(Node, "processes")) && Directory.EnumerateFiles(Path.Combine(Node, "processes")).Any(), "processes are left");
    }

    private static async Task ReadyAsync(Kubectl kubectl, int restarts) => await Eventually.SeeAsync(
        "the database to be ready",
        _ => kubectl.DoAsync("get", "pod", "pg", "-o", "jsonpath={.status.containerStatuses[0].ready} {.status.containerStatuses[0].restartCount}"),
        seen => seen == $"true {restarts}",
        Patience,
        Stop);

    private static Task<string> QueryAsync(Kubectl kubectl, string sql) => kubectl.DoAsync("exec", "pg", "--", "psql", "-At", "-U", "postgres", "-c", sql);

    private async Task<RunningProcess> StartAsync()
    {
        var local = RunningProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "none", "--data-dir", "data"], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }
}
