using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>Exercise 4 of Lab 7.4 in its second edition, command by command.</summary>
[Collection(nameof(DatabaseLab))]
public sealed class MonitoringTests(DatabaseLab lab)
{
    private readonly int _port = DatabaseLab.FreePort();

    [Fact]
    public async Task Tasks_1_and_2_the_code_of_the_metrics()
    {
        await using var terminal = await lab.TerminalAsync();

        // Go: internal/controller/metrics.go and database_controller.go.
        var metrics = await terminal.TypeAsync("cd ~/postgres-operator\ncat Metrics/DatabaseMetrics.cs Metrics/DatabaseGauges.cs");
        Assert.All(
            (string[])["database_reconcile_total", "database_reconcile_duration_seconds", "database_resources_total", "database_info"],
            name => Assert.Contains($"\"{name}\"", metrics, StringComparison.Ordinal));
        Assert.Contains("metrics.Ran(result, ", await terminal.TypeAsync("grep -A 10 \"finally\" Reconciling/MeasuredRuns.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_3_the_metrics_endpoint()
    {
        await using var terminal = await lab.TerminalAsync();

        // An image needs no building and no loading: it is the program beside capstan.
        Assert.Equal("nothing to build: under capstan local postgres-operator:latest is the program beside capstan", await terminal.TypeAsync("make docker-build IMG=postgres-operator:latest"));
        Assert.StartsWith("nothing to build: ", await terminal.TypeAsync("make docker-build IMG=postgres-operator:latest CONTAINER_TOOL=podman"), StringComparison.Ordinal);
        Assert.Contains($"deployment.apps/{DatabaseLab.Operator} serverside-applied", await terminal.TypeAsync("make deploy IMG=localhost/postgres-operator:latest"), StringComparison.Ordinal);
        await terminal.OnePodAsync();
        await terminal.TypeAsync("make deploy IMG=postgres-operator:latest");
        await terminal.OnePodAsync();
        await terminal.TypeAsync("kubectl rollout restart deploy -n postgres-operator-system postgres-operator-controller-manager");
        await terminal.OnePodAsync();
        await ForwardAsync(terminal);
        const string Ready = "database_info{name=\"valid-db\",namespace=\"default\",image=\"postgres:14\",phase=\"Ready\"} 1";
        var own = await terminal.SeeAsync(Curl("| grep database_"), text => text.Contains(Ready, StringComparison.Ordinal));
        Assert.Contains("database_resources_total{phase=\"Ready\"} 1", own, StringComparison.Ordinal);
        Assert.Contains("database_reconcile_duration_seconds_count{result=\"success\"} ", await terminal.TypeAsync(Curl("| grep database_reconcile")), StringComparison.Ordinal);
        Assert.Contains("controller_runtime_reconcile_total{controller=\"database\",result=\"success\"} ", await terminal.TypeAsync(Curl("| grep controller_runtime")), StringComparison.Ordinal);
        Assert.Equal(100, (await terminal.TypeAsync(Curl("| head -100"))).Split('\n').Count(line => !line.StartsWith("Handling connection ", StringComparison.Ordinal)));

        // Who has no token, or one of an account without the right, is turned away.
        Assert.Equal("401", await StatusAsync(terminal, ""));
        Assert.Equal("403", await StatusAsync(terminal, "-H \"Authorization: Bearer $(kubectl create token default)\""));

        // Stop port-forward; the lesson's 8443 would be anybody's.
        await terminal.TypeAsync($"pkill -f \"port-forward.*{_port}:8443\"");
        await terminal.SeeAsync("jobs -r", text => text.Length == 0);
        await terminal.DeleteDatabasesAsync();
    }

    /// <summary>The lesson's queries, asked of a Prometheus that scrapes the same address with the same token.</summary>
    [Fact]
    public async Task Task_4_the_queries_in_Prometheus()
    {
        await using var terminal = await lab.TerminalAsync("prometheus");
        await terminal.TypeAsync("make deploy");
        await terminal.OnePodAsync();
        await ForwardAsync(terminal);
        var port = DatabaseLab.FreePort();
        await terminal.TypeAsync(
            $$"""
            mkdir -p ~/prometheus; echo $TOKEN > ~/prometheus/token
            cat > ~/prometheus/prometheus.yml <<EOF
            scrape_configs:
            - job_name: postgres-operator
              scrape_interval: 500ms
              scrape_timeout: 500ms
              scheme: https
              tls_config: {insecure_skip_verify: true}
              authorization: {credentials_file: token}
              static_configs: [{targets: ["localhost:{{_port}}"]}]
            EOF
            prometheus --config.file=$HOME/prometheus/prometheus.yml --storage.tsdb.path=$HOME/prometheus/data --web.listen-address=127.0.0.1:{{port}} 2> ~/prometheus/log &
            """);
        foreach (var (query, answer) in ((string, string)[])
        [
            ("database_reconcile_total", "\"result\":\"success\""),
            ("rate(database_reconcile_total[5m])", "\"result\":\"success\""),
            ("database_reconcile_duration_seconds_bucket", "\"le\":\"+Inf\""),
            ("histogram_quantile(0.99, rate(database_reconcile_duration_seconds_bucket[5m]))", "\"value\":["),
            ("database_resources_total", "\"phase\":\"Ready\""),
            ("database_info", "\"name\":\"valid-db\""),
        ])
        {
            await terminal.SeeAsync($"curl -s --data-urlencode 'query={query}' http://127.0.0.1:{port}/api/v1/query", text => text.Contains(answer, StringComparison.Ordinal));
        }

        await terminal.TypeAsync("kill %%");
        await terminal.DeleteDatabasesAsync();
    }

    // The lesson's own words.
    private async Task ForwardAsync(Terminal terminal)
    {
        await terminal.TypeAsync(
            $"""
            # Port forward to metrics endpoint (using HTTPS on port 8443)
            kubectl port-forward -n postgres-operator-system \
              svc/postgres-operator-controller-manager-metrics-service {_port}:8443 &

            # Get a token for authentication (use the controller-manager service account)
            TOKEN=$(kubectl create token postgres-operator-controller-manager -n postgres-operator-system)
            """);
        await terminal.TypeAsync(
            """
            # create database to generate some metrics
            kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata:
              name: valid-db
            spec:
              image: postgres:14
              replicas: 1
              databaseName: mydb
              username: admin
              storage:
                size: 10Gi
            EOF
            """);
    }

    private async Task<string> StatusAsync(Terminal terminal, string header) =>
        (await terminal.TypeAsync($"curl -sk -o /dev/null -w '%{{http_code}}' {header} https://localhost:{_port}/metrics")).Split('\n')[^1];

    private string Curl(string then) => $"""curl -sk -H "Authorization: Bearer $TOKEN" https://localhost:{_port}/metrics {then}""";
}

/// <summary>One cluster for all tests with real servers.</summary>
[CollectionDefinition(nameof(DatabaseLab))]
public sealed class RealDatabases : ICollectionFixture<DatabaseLab>;
