using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>What somebody tries who has just started <c>capstan local</c>, with the samples and a real PostgreSQL.</summary>
[Collection(nameof(DatabaseLab))]
public sealed class VisitorTests(DatabaseLab lab)
{
    [Fact]
    public async Task The_sample_becomes_a_database_that_takes_SQL_and_its_rows_outlive_it_and_the_operator()
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeAsync("kubectl apply -f samples/1-database.yaml\nkubectl wait --for=condition=Ready database/database-sample --timeout=100s");

        // psql with what the Secret says. Names of a cluster do not resolve outside of it, so the address is told beside.
        await terminal.TypeAsync(
            """
            URI=$(kubectl get secret database-sample-credentials -o jsonpath='{.data.uri}' | base64 -d)
            export PGHOSTADDR=$(kubectl get service database-sample -o jsonpath='{.spec.clusterIP}')
            psql "$URI" -qc "create table visits (who text); insert into visits select 'guest ' || n from generate_series(1, 1000) n"
            """);
        Assert.Equal("1000", await terminal.TypeAsync("psql \"$URI\" -Atc 'select count(*) from visits'"));
        Assert.Equal("mydb|admin|off", await terminal.TypeAsync("unset PGHOSTADDR\ncapstan db connect database-sample -- -Atc \"select current_database(), current_user, current_setting('is_superuser')\""));

        // Everything away, with nothing that hangs on a finalizer.
        Assert.Equal("database.database.example.com \"database-sample\" deleted", await terminal.TypeAsync("kubectl delete databases --all"));
        Assert.Contains("namespace \"postgres-operator-system\" deleted", await terminal.TypeAsync("make undeploy"), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await terminal.TryAsync("kubectl get namespace postgres-operator-system")).Output, StringComparison.Ordinal);
        Assert.Contains("NotFound", (await terminal.TryAsync("kubectl get crd databases.database.example.com")).Output, StringComparison.Ordinal);
        Assert.Equal("", await terminal.TypeAsync("kubectl get pods,statefulsets,secrets -o name"));
        Assert.Equal("persistentvolumeclaim/data-database-sample-0", await terminal.TypeAsync("kubectl get pvc -o name"));

        // And again: the volume is kept, and takes the new passwords.
        await terminal.TypeAsync("make deploy");
        await terminal.OnePodAsync();
        await terminal.TypeAsync("kubectl apply -f samples/1-database.yaml\nkubectl wait --for=condition=Ready database/database-sample --timeout=100s");
        Assert.Equal("1000", await terminal.TypeAsync("capstan db connect database-sample -- -Atc 'select count(*) from visits'"));

        // The order that hangs elsewhere: the kinds go while there are Databases.
        await terminal.TypeAsync("make undeploy");
        Assert.Equal("", await terminal.TypeAsync("kubectl get pods,statefulsets,secrets -o name"));
        await terminal.TypeAsync("make deploy\nkubectl delete pvc --all");
        await terminal.OnePodAsync();
    }

    [Fact]
    public async Task Three_replicas_stream_and_a_killed_primary_comes_back_and_rotation_and_switchover_lose_nothing()
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeAsync("kubectl apply -f samples/2-replicated.yaml\nkubectl wait --for=condition=Ready database/replicated-sample --timeout=110s");
        await terminal.SeeAsync(
            """kubectl get database replicated-sample -o jsonpath='{.status.primary}{range .status.standbys[*]} {.pod} {.state}{end}'""",
            text => text == "replicated-sample-0 replicated-sample-1 streaming replicated-sample-2 streaming");

        // A client that writes one row after the other, and notes what was committed.
        await terminal.TypeAsync(
            """
            URI=$(kubectl get secret replicated-sample-credentials -o jsonpath='{.data.uri}' | base64 -d)
            export PGCONNECT_TIMEOUT=5 PGHOSTADDR=$(kubectl get service replicated-sample -o jsonpath='{.spec.clusterIP}')
            psql "$URI" -qc 'create table orders (n int)'
            for n in {1..100000}; do psql "$URI" -qc "insert into orders values ($n)" 2> /dev/null && echo $n >> ~/committed; done &
            """);
        await WrittenAsync(terminal);

        // Its primary's process is killed.
        await terminal.TypeAsync("kubectl exec replicated-sample-0 -- sh -c 'kill -9 $(head -1 $PGDATA/postmaster.pid)'");
        await terminal.SeeAsync("kubectl get pod replicated-sample-0 -o jsonpath='{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}'", text => text == "1 true");
        await terminal.SeeAsync("kubectl get database replicated-sample -o jsonpath='{.status.primary} {.status.phase}'", text => text == "replicated-sample-0 Ready");

        // Another primary.
        await terminal.TypeAsync("kubectl annotate database replicated-sample database.example.com/switchover=replicated-sample-1");
        await terminal.SeeAsync("kubectl get database replicated-sample -o jsonpath='{.status.primary} {.status.phase}'", text => text == "replicated-sample-1 Ready");

        // Nothing that was committed is missing.
        await WrittenAsync(terminal);
        await terminal.TypeAsync("kill %%; wait %%; sort ~/committed > ~/noted; psql \"$URI\" -Atc 'select n from orders' | sort > ~/stored");
        Assert.Equal("", await terminal.TypeAsync("comm -23 ~/noted ~/stored"));

        // Another password.
        await terminal.TypeAsync("kubectl annotate database replicated-sample database.example.com/rotate-password=now");
        await terminal.SeeAsync("psql \"$URI\" -c 'select 1'", text => text.Contains("password authentication failed for user \"shop\"", StringComparison.Ordinal));
        await terminal.SeeAsync(
            "psql \"$(kubectl get secret replicated-sample-credentials -o jsonpath='{.data.uri}' | base64 -d)\" -Atc 'select count(*) > 0 from orders'", text => text == "t");
        await terminal.TypeAsync("kubectl delete databases --all\nkubectl delete pvc --all");
    }

    [Fact]
    public async Task A_table_that_was_dropped_is_back_from_a_backup()
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeAsync(
            """
            kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: ledger}
            spec: {databaseName: ledger, username: admin, storage: {size: 1Gi}}
            EOF
            kubectl wait --for=condition=Ready database/ledger --timeout=100s
            capstan db connect ledger -- -qc "create table entries as select n, md5(n::text) as text from generate_series(1, 5000) n"
            """);
        const string Sum = "-Atc \"select count(*), md5(string_agg(text, ',' order by n)) from entries\"";
        var before = await terminal.TypeAsync($"capstan db connect ledger -- {Sum}");
        Assert.StartsWith("5000|", before, StringComparison.Ordinal);
        await terminal.TypeAsync(
            """
            kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Backup
            metadata: {name: ledger-copy}
            spec: {databaseRef: {name: ledger}}
            EOF
            kubectl wait --for=jsonpath='{.status.phase}'=Completed backup/ledger-copy --timeout=100s
            capstan db connect ledger -- -qc 'drop table entries'
            kubectl apply -f - <<EOF
            apiVersion: database.example.com/v1
            kind: Restore
            metadata: {name: ledger-again}
            spec: {databaseRef: {name: ledger-restored}, backupRef: {name: ledger-copy}}
            EOF
            kubectl wait --for=jsonpath='{.status.phase}'=Completed restore/ledger-again --timeout=100s
            kubectl wait --for=condition=Ready database/ledger-restored --timeout=100s
            """);
        Assert.Equal(before, await terminal.TypeAsync($"capstan db connect ledger-restored -- {Sum}"));
        Assert.Contains("relation \"entries\" does not exist", (await terminal.TryAsync($"capstan db connect ledger -- {Sum}")).Output, StringComparison.Ordinal);
        await terminal.TypeAsync("kubectl delete databases,backups,restores --all\nkubectl delete pvc --all");
    }

    [Fact]
    public async Task Names_that_are_odd_twice_there_or_taken_harm_nobody()
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeAsync(
            """
            kubectl create namespace blue
            kubectl create secret generic taken-credentials --from-literal=password=somebody-elses
            kubectl apply -f - <<'EOF'
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: twin}
            spec: {databaseName: 'my "db"', username: "o'neil", storage: {size: 64Mi}}
            ---
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: twin, namespace: blue}
            spec: {databaseName: '$(id); `id`', username: 'a"); drop role postgres; --', storage: {size: 64Mi}}
            ---
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: long}
            spec: {databaseName: éééééééééééééééééééééééééééééééa, username: 'a b%c@d:e/f\g', storage: {size: 64Mi}}
            ---
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: taken}
            spec: {databaseName: mydb, username: admin, storage: {size: 64Mi}}
            EOF
            """);
        await RefusedAsync(terminal, "mydb", "pg_monitor", "username must not begin with pg_");
        await RefusedAsync(terminal, "mydb", new string('é', 32), "username must be at most 63 bytes");
        await RefusedAsync(terminal, new string('é', 32), "admin", "databaseName must be at most 63 bytes");
        await terminal.TypeAsync("kubectl wait --for=condition=Ready database/twin database/long --timeout=110s\nkubectl wait --for=condition=Ready database/twin -n blue --timeout=110s");

        // Each form of the Secret leads to its own.
        await SpeaksAsync(terminal, "twin", "default", "my \"db\"|o'neil");
        await SpeaksAsync(terminal, "twin", "blue", "$(id); `id`|a\"); drop role postgres; --");
        await SpeaksAsync(terminal, "long", "default", "éééééééééééééééééééééééééééééééa|a b%c@d:e/f\\g");

        // What is somebody else's is left alone and told, until it is out of the way.
        await terminal.SeeAsync(
            "kubectl get database taken -o jsonpath='{.status.phase} {.status.conditions[0].message}'",
            text => text.StartsWith("Failed Secret taken-credentials exists and is not of this Database", StringComparison.Ordinal));
        Assert.Equal("somebody-elses", await terminal.TypeAsync("kubectl get secret taken-credentials -o jsonpath='{.data.password}' | base64 -d"));
        await terminal.TypeAsync("kubectl delete secret taken-credentials\nkubectl annotate database taken tried=again\nkubectl wait --for=condition=Ready database/taken --timeout=110s");
        await terminal.DeleteDatabasesAsync();
        await terminal.TypeAsync("kubectl delete namespace blue");
    }

    private static async Task RefusedAsync(Terminal terminal, string databaseName, string username, string says)
    {
        var (code, output) = await terminal.TryAsync(
            $$"""
            kubectl apply -f - <<'EOF'
            apiVersion: database.example.com/v1
            kind: Database
            metadata: {name: refused}
            spec: { databaseName: {{databaseName}}, username: {{username}}, storage: {size: 64Mi} }
            EOF
            """);
        Assert.NotEqual(0, code);
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    // By uri, by pgpass, and by the tool.
    private static async Task SpeaksAsync(Terminal terminal, string name, string @namespace, string says)
    {
        const string Ask = "-Atc 'select current_database(), current_user'";
        await terminal.TypeAsync(
            $$"""
            field() { kubectl get secret {{name}}-credentials -n {{@namespace}} -o jsonpath="{.data.$1}" | base64 -d; }
            export PGHOSTADDR=$(kubectl get service {{name}} -n {{@namespace}} -o jsonpath='{.spec.clusterIP}')
            (umask 077; field pgpass > ~/pgpass)
            """);
        Assert.Equal(says, await terminal.TypeAsync($"psql \"$(field uri)\" {Ask}"));
        Assert.Equal(says, await terminal.TypeAsync($"PGPASSFILE=~/pgpass PGHOST=$(field host) PGUSER=$(field username) PGDATABASE=$(field dbname) psql {Ask}"));
        Assert.Equal(says, await terminal.TypeAsync($"unset PGHOSTADDR; capstan db connect {name} -n {@namespace} -- {Ask}"));
    }

    // Whatever a test before has left: the operator is there, as it is shipped.
    private async Task<Terminal> OpenAsync()
    {
        var terminal = await lab.TerminalAsync("psql");
        await terminal.TypeAsync("make deploy");
        await terminal.OnePodAsync();
        return terminal;
    }

    // More than there is.
    private static async Task WrittenAsync(Terminal terminal)
    {
        var before = await terminal.TryAsync("wc -l < ~/committed");
        await terminal.SeeAsync("wc -l < ~/committed", text => int.TryParse(text, out _) && text != before.Output);
    }
}
