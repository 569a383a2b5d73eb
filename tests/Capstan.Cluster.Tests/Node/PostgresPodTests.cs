using Capstan.Cluster.Node;
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

    private static async Task<string> RunAsync(NodeFixture node, string script)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var session = await node.Node.Pods.Find(new("shop", "db"))!.Find("db")!.Run!.ExecAsync(["/bin/sh", "-c", script], tty: false, stop);
        using var reader = new StreamReader(session.Output);
        return await reader.ReadToEndAsync(stop);
    }
}
