namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>Lab 7.4 in its second edition, command by command, but exercise 4, which wants a real server: <see cref="MonitoringTests"/>.</summary>
[Collection(nameof(SimulatedDatabaseLab))]
public sealed class SecondEditionTests(SimulatedDatabaseLab lab)
{
    private const string Token = $"TOKEN=$(kubectl create token {DatabaseLab.Operator} -n {DatabaseLab.Namespace})";

    private readonly int _port = DatabaseLab.FreePort();

    private string Forward => $"kubectl port-forward -n {DatabaseLab.Namespace} svc/{DatabaseLab.Operator}-metrics-service {_port}:8443 &";

    private string Metrics => $"""curl -sk -H "Authorization: Bearer $TOKEN" https://localhost:{_port}/metrics""";

    [Fact]
    public async Task Exercise_1_controller_rate_limiting()
    {
        await using var terminal = await lab.TerminalAsync();

        // Go: MaxConcurrentReconciles: 2, which is what the operator does by itself; and another number is one argument.
        await terminal.RollOutAsync("--connect=false");
        await terminal.TypeAsync($"{Forward}\n{Token}");
        await terminal.SeeAsync($"{Metrics} | grep max_concurrent", text => text.Contains("\ncontroller_runtime_max_concurrent_reconciles{controller=\"database\"} 2", StringComparison.Ordinal));
        await terminal.TypeAsync("kill %%");
        await terminal.RollOutAsync("--connect=false", "--max-concurrent-reconciles=4", "--connections-per-second=10");
        await terminal.TypeAsync(Forward);
        await terminal.SeeAsync($"{Metrics} | grep max_concurrent", text => text.Contains("\ncontroller_runtime_max_concurrent_reconciles{controller=\"database\"} 4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exercise_2_field_indexing()
    {
        await using var terminal = await lab.TerminalAsync();
        await terminal.TypeAsync(
            """
            kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: shop}
            spec: {environment: production, databaseName: shop, username: admin, storage: {size: 1Gi}}
            ---
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: blog}
            spec: {image: "postgres:14.1", databaseName: blog, username: admin, storage: {size: 1Gi}}
            EOF
            """);
        Assert.Equal("database.database.example.com/shop", await terminal.TypeAsync("kubectl get databases -A --field-selector spec.environment=production -o name"));
        Assert.Equal("database.database.example.com/blog", await terminal.TypeAsync("kubectl get databases --field-selector spec.image=postgres:14.1 -o name"));
        Assert.Equal("", await terminal.TypeAsync("kubectl get databases --field-selector spec.environment=production,spec.image=postgres:14.1 -o name"));
        Assert.Contains("field label not supported: spec.username", (await terminal.TryAsync("kubectl get databases --field-selector spec.username=admin")).Output, StringComparison.Ordinal);
        await terminal.DeleteDatabasesAsync();
    }

    [Theory]
    [InlineData("Batch", 1)]
    [InlineData("Parallel", 1)]
    public async Task Exercise_3_batch_operations(string mode, int batches)
    {
        await using var terminal = await lab.TerminalAsync();
        await terminal.RollOutAsync("--connect=false", $"--reconcile-mode={mode}");
        await terminal.TypeAsync(
            """
            for i in {1..8}; do
            cat <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: batch-$i}
            spec: {databaseName: mydb, username: admin, storage: {size: 1Gi}}
            ---
            EOF
            done > ~/batch.yaml; kubectl apply -f ~/batch.yaml
            kubectl wait --for=condition=Ready databases --all --timeout=100s
            """);
        Assert.Equal(8, (await terminal.TypeAsync("kubectl get statefulsets -o name")).Split('\n').Length);
        await terminal.TypeAsync($"{Forward}\n{Token}");
        await terminal.SeeAsync(
            $"{Metrics} | grep max_concurrent", text => text.Contains($"\ncontroller_runtime_max_concurrent_reconciles{{controller=\"database\"}} {batches}", StringComparison.Ordinal));
        await terminal.DeleteDatabasesAsync();
    }

    [Fact]
    public async Task Exercise_5_load_testing()
    {
        await using var terminal = await lab.TerminalAsync("watch");
        await terminal.RollOutAsync("--connect=false");

        // Task 5.1
        var made = await terminal.TypeAsync(
            """
            # Create multiple databases for load testing
            for i in {1..50}; do
              kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata:
              name: test-db-$i
              namespace: default
            spec:
              image: postgres:14
              replicas: 1
              databaseName: db$i
              username: admin
              storage:
                size: 1Gi
            EOF
            done

            echo "Created 50 test databases"
            """);
        Assert.Equal([.. Enumerable.Range(1, 50).Select(number => $"database.database.example.com/test-db-{number} created"), "Created 50 test databases"], made.Split('\n'));

        // Task 5.2. metrics-server is part of the cluster.
        await terminal.WatchAsync(
            "watch kubectl top pods -n postgres-operator-system -l control-plane=controller-manager", text => text.Contains(DatabaseLab.Operator, StringComparison.Ordinal));
        Assert.EndsWith(
            """	{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"10m","memory":"64Mi"}}""",
            await terminal.TypeAsync(
                """kubectl get pods -n postgres-operator-system -l control-plane=controller-manager -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{.spec.containers[0].resources}{"\n"}{end}'"""),
            StringComparison.Ordinal);
        await terminal.TypeAsync($"{Forward}\n{Token}");
        await terminal.WatchAsync(
            $"""
            while true; do
              curl -sk -H "Authorization: Bearer $TOKEN" https://localhost:{_port}/metrics 2>/dev/null | grep database_reconcile_total
              sleep 5
            done
            """,
            text => text.Contains("database_reconcile_total{result=\"success\"} ", StringComparison.Ordinal));
        Assert.Contains("workqueue_depth{name=\"database\",controller=\"database\"", await terminal.TypeAsync($"{Metrics} | grep workqueue"), StringComparison.Ordinal);
        await terminal.WatchAsync(
            "kubectl logs -n postgres-operator-system -l control-plane=controller-manager --tail=20 -f", text => text.Contains("Reconciling Database default/test-db-", StringComparison.Ordinal));

        // Task 5.3
        await terminal.SeeAsync(
            """kubectl get databases -o jsonpath='{range .items[*]}{.status.phase}{"\n"}{end}' | sort | uniq -c""", text => text == "     50 Ready");
        var table = (await terminal.TypeAsync("kubectl get databases -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,READY:.status.ready")).Split('\n');
        Assert.Equal("NAME         PHASE   READY", table[0]);
        Assert.Equal(50, table[1..].Count(line => line.EndsWith("   Ready   true", StringComparison.Ordinal)));

        // Cleanup
        Assert.Equal(50, (await terminal.TypeAsync("kubectl delete databases --all")).Split('\n').Count(line => line.EndsWith(" deleted", StringComparison.Ordinal)));
    }
}
