using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>Lab 7.4 in its first edition, command by command. It names no namespace, so it is worked in the operator's.</summary>
[Collection(nameof(SimulatedDatabaseLab))]
public sealed class FirstEditionTests(SimulatedDatabaseLab lab)
{
    [Fact]
    public async Task Exercise_1_a_rate_limiter()
    {
        await using var terminal = await OpenAsync();

        // Go: ratelimiter.NewRateLimiter(100 * time.Millisecond) before every run. Here: ten connections a second to PostgreSQL, and runs are not held back.
        await terminal.RollOutAsync("--connect=false", "--connections-per-second=10");
        Assert.Contains(
            "database-controller is in sync and running", await terminal.SeeAsync("kubectl logs -l control-plane=controller-manager --tail=-1", text => text.Contains(" is in sync and running", StringComparison.Ordinal)), StringComparison.Ordinal);
        var (code, output) = await terminal.TryAsync("database-operator --connections-per-second=0");
        Assert.Equal((1, "database-operator: --connections-per-second=0: must be 1 to 10000"), (code, output));
    }

    [Fact]
    public async Task Exercise_2_caching()
    {
        await using var terminal = await OpenAsync();

        // Task 2.1, Go: CacheSyncTimeout: 2 * time.Minute.
        await terminal.RollOutAsync("--connect=false", "--cache-sync-timeout=2m");
        Assert.Contains(
            "Informer of databases.database.example.com is in sync", await terminal.TypeAsync("kubectl logs -l control-plane=controller-manager --tail=-1"), StringComparison.Ordinal);

        // Task 2.2, Go: client.MatchingFields and client.InNamespace.
        await terminal.TypeAsync("kubectl create namespace production");
        await terminal.TypeAsync(Database("in-production", more: ", environment: production"));
        await terminal.TypeAsync(Database("in-test", more: ", environment: test"));
        await terminal.TypeAsync(Database("elsewhere", @namespace: "production"));
        Assert.Equal("database.database.example.com/in-production", await terminal.TypeAsync("kubectl get databases --field-selector spec.environment=production -o name"));
        Assert.Equal("database.database.example.com/elsewhere", await terminal.TypeAsync("kubectl get databases -n production -o name"));
        await terminal.DeleteDatabasesAsync();
        await terminal.TypeAsync("kubectl delete namespace production");
    }

    [Fact]
    public async Task Exercise_3_a_batch()
    {
        await using var terminal = await OpenAsync();
        await terminal.RollOutAsync("--connect=false", "--reconcile-mode=Batch");
        await terminal.TypeAsync(string.Join('\n', Enumerable.Range(1, 4).Select(number => Database($"batch-{number}"))));
        await terminal.TypeAsync("kubectl wait --for=condition=Ready databases --all --timeout=100s");

        // Those that are there, and one that is new, in one batch or in several.
        await terminal.TypeAsync($"kubectl annotate databases --all database.example.com/rotate-password=now\n{Database("batch-5")}");
        await terminal.TypeAsync("kubectl wait --for=condition=Ready databases --all --timeout=100s");
        Assert.Equal(5, (await terminal.TypeAsync("kubectl get databases -o name")).Split('\n').Length);
        await terminal.DeleteDatabasesAsync();
    }

    [Fact]
    public async Task Exercises_4_and_5_metrics_and_load()
    {
        await using var terminal = await OpenAsync("watch");
        await terminal.RollOutAsync("--connect=false", "--metrics-bind-address=:8080", "--metrics-secure=false");
        var port = DatabaseLab.FreePort();

        // Task 4.2. kubectl refuses the first command: its port-forward takes no labels.
        var refused = await terminal.TryAsync("kubectl port-forward -l control-plane=controller-manager 8080:8080");
        Assert.Contains("unknown shorthand flag: 'l' in -l", refused.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, refused.Code);
        await terminal.TypeAsync($"kubectl port-forward deploy/{DatabaseLab.Operator} {port}:8080 &");
        await terminal.SeeAsync($"curl http://localhost:{port}/metrics | grep database_reconcile", text => text.Contains("database_reconcile_queue_depth 0", StringComparison.Ordinal));
        await terminal.WatchAsync($"watch 'curl -s http://localhost:{port}/metrics | grep database_reconcile_total'", text => text.Contains("database_reconcile_total", StringComparison.Ordinal));

        // Task 5.1
        var made = await terminal.TypeAsync(
            """
            # Create multiple databases
            for i in {1..100}; do
              kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata:
              name: test-db-$i
            spec:
              image: postgres:14
              replicas: 1
              databaseName: db$i
              username: admin
              storage:
                size: 10Gi
            EOF
            done
            """);
        Assert.Equal(Enumerable.Range(1, 100).Select(number => $"database.database.example.com/test-db-{number} created"), Lines(made, "database.database.example.com/"));

        // Task 5.2
        await terminal.WatchAsync("watch 'kubectl top pods -l control-plane=controller-manager'", text => text.Contains(DatabaseLab.Operator, StringComparison.Ordinal));
        var count = await terminal.TypeAsync("""kubectl logs -l control-plane=controller-manager | grep -c "Reconciling" """);
        Assert.InRange(int.Parse(Lines(count, "").Last(), System.Globalization.CultureInfo.InvariantCulture), 1, 10);
        Assert.Contains("database_reconcile_queue_depth ", await terminal.TypeAsync($"curl -s http://localhost:{port}/metrics | grep reconcile_queue_depth"), StringComparison.Ordinal);

        // What the metrics are there to tell: the queue drains, every Database is ready, and the buckets are the lesson's.
        await terminal.TypeAsync("kubectl wait --for=condition=Ready databases --all --timeout=110s > /dev/null");
        var page = await terminal.SeeAsync($"curl -s http://localhost:{port}/metrics", text => text.Contains("database_resources_total{phase=\"Ready\"} 100\n", StringComparison.Ordinal));
        Assert.Contains("\ndatabase_reconcile_queue_depth 0\n", page, StringComparison.Ordinal);
        Assert.Equal(
            ["0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"],
            Lines(page, "database_reconcile_duration_seconds_bucket{result=\"success\"").Select(line => line.Split("le=\"")[1].Split('"')[0]));

        // Cleanup
        var deleted = await terminal.TypeAsync("kubectl delete databases --all");
        Assert.Equal(100, Lines(deleted, "database.database.example.com ").Count());
        Assert.Equal("No resources found in postgres-operator-system namespace.", Lines(await terminal.TypeAsync("kubectl get databases"), "No ").Single());
    }

    private static IEnumerable<string> Lines(string text, string start) => text.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal));

    private static string Database(string name, string more = "", string @namespace = DatabaseLab.Namespace) =>
        $$"""
        kubectl apply -f - <<EOF
        apiVersion: database.example.com/v1
        kind: Database
        metadata: {name: {{name}}, namespace: {{@namespace}}}
        spec: {databaseName: mydb, username: admin, storage: {size: 1Gi}{{more}}}
        EOF
        """;

    private async Task<Terminal> OpenAsync(params string[] programs)
    {
        var terminal = await lab.TerminalAsync(programs);
        await terminal.TypeAsync($"cp $KUBECONFIG ~/first-edition; export KUBECONFIG=~/first-edition\nkubectl config set-context --current --namespace={DatabaseLab.Namespace}");
        return terminal;
    }
}

/// <summary>One cluster for all tests with simulated servers.</summary>
[CollectionDefinition(nameof(SimulatedDatabaseLab))]
public sealed class SimulatedDatabases : ICollectionFixture<SimulatedDatabaseLab>;
