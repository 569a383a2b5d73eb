using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Processes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>Pods of the image postgres, with the PostgreSQL of this machine.</summary>
public sealed class PostgresPodTests
{
    [Fact]
    public async Task A_database_is_made_as_its_variables_say_and_takes_the_password_alone()
    {
        if (RequiredProgram.Find("psql").SkipReason is { } reason)
        {
            Assert.Skip(reason);
        }

        await using var node = await NodeFixture.StartAsync(new LocalNodeOptions());
        await node.RunAsync(
            "db",
            """
            {terminationGracePeriodSeconds: 20, containers: [{name: db, image: "postgres:9", args: [-c, max_connections=17],
              env: [{name: POSTGRES_PASSWORD, value: "a b$$c"}, {name: POSTGRES_DB, value: shop}, {name: POSTGRES_USER, value: keeper}, {name: PGDATA, value: /var/lib/postgresql/data/pgdata}],
              readinessProbe: {exec: {command: [pg_isready, -h, localhost, -U, keeper, -d, shop]}, periodSeconds: 1}, volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]}],
             volumes: [{name: data, emptyDir: {}}]}
            """);
        await node.SeeReadyAsync("db");
        Assert.Contains("which is what is installed on this machine", (string?)(await node.SeeEventAsync("db", "OtherVersion"))["message"], StringComparison.Ordinal);
        Assert.Equal("17", (await RunAsync(node, "psql -At -U keeper -d shop -c 'show max_connections'")).Trim());
        Assert.Equal("1", (await RunAsync(node, "PGPASSWORD='a b$c' psql -At -h 127.0.0.1 -U keeper -d shop -c 'select 1'")).Trim());
        Assert.Contains("password authentication failed", await RunAsync(node, "PGPASSWORD=wrong psql -At -h localhost -U keeper -d shop -c 'select 1' 2>&1 || true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_database_comes_back_at_once_whoever_has_its_number_by_then_and_two_never_share_their_data()
    {
        if (RequiredProgram.Find("psql").SkipReason is { } reason)
        {
            Assert.Skip(reason);
        }

        using var shell = new ShellNode();
        await using var node = await NodeFixture.StartAsync(shell.Options);
        const string Spec =
            """
            {terminationGracePeriodSeconds: 20, containers: [
              {name: db, image: "postgres:15", env: [{name: POSTGRES_PASSWORD, value: x}, {name: PGDATA, value: /data/pgdata}], volumeMounts: [{name: data, mountPath: /data}],
               readinessProbe: {exec: {command: [pg_isready, -U, postgres]}, periodSeconds: 1}},
              {name: other, image: "postgres:15", command: [sleep, "1000"]}], volumes: [{name: data, persistentVolumeClaim: {claimName: store}}]}
            """;
        await node.ApplyAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: store, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}");
        await node.RunAsync("db", Spec);
        await node.SeeReadyAsync("db");
        await RunAsync(node, "psql -U postgres -c 'create table kept (n int)'");
        await node.RunAsync("rival", Spec);
        var rival = await node.SeeAsync("rival", "to be refused", pod => (int?)pod["status"]?["containerStatuses"]?[0]?["lastState"]?["terminated"]?["exitCode"] == 1);
        Assert.Contains("lock file \"postmaster.pid\" already exists", string.Join('\n', shell.LogOf((string)rival["metadata"]!["uid"]!, "db")), StringComparison.Ordinal);

        // Its number now belongs to a process of the same user, which is no server.
        var other = new ProcessLedger(shell.State).Read().Single(family => family.Mark == ShellNode.RunOf(node, "db", "other").Id).ProcessId;
        await RunAsync(node, $"read -r server < $PGDATA/postmaster.pid; sed -i \"1s/.*/{other}/\" $PGDATA/postmaster.pid; kill -9 $server");
        await node.SeeAsync("db", "to be ready again", pod => (int)NodeFixture.Container(pod, "db")["restartCount"]! > 0 && NodeFixture.Condition(pod, "Ready") == "True");
        Assert.Equal(1, (int)NodeFixture.Container(await node.SeeReadyAsync("db"), "db")["restartCount"]!);
        Assert.Equal("0", (await RunAsync(node, "psql -At -U postgres -c 'select count(*) from kept'")).Trim());
    }

    private static async Task<string> RunAsync(NodeFixture node, string script)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var session = await node.Node.Pods.Find(new("shop", "db"))!.Find("db")!.Run!.ExecAsync(["/bin/sh", "-c", script], tty: false, stop);
        using var reader = new StreamReader(session.Output);
        return await reader.ReadToEndAsync(stop);
    }
}
