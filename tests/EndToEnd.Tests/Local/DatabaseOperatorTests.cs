using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary><c>capstan local</c> brings the Database operator along, however pods run.</summary>
public sealed class DatabaseOperatorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-databases-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_simulated_pods_it_runs_inside_and_its_samples_become_ready_with_their_defaults()
    {
        await using var local = await StartAsync("--operators", "database", "--pods", "simulate", "--samples");
        var kubectl = NewKubectl("default");
        await kubectl.DoAsync("wait", "--for=condition=Ready", "databases", "--all", "--timeout=50s");
        Assert.Equal("database-sample replicated-sample", await kubectl.DoAsync("get", "databases", "-o", "jsonpath={.items[*].metadata.name}"));
        Assert.Equal("standard", await kubectl.FieldAsync("database", "database-sample", ".spec.storage.storageClass"));
        Assert.Equal("", await kubectl.DoAsync("get", "kubetemplates", "-A", "-o", "name"));
        (await kubectl.TryWithAsync(Database("nginx:1"), "apply", "-f", "-")).Refused("must be a PostgreSQL image");
    }

    [Fact]
    public async Task Without_PostgreSQL_the_servers_are_simulated_and_people_are_told_how_to_change_that()
    {
        var images = Path.Combine(_directory.FullName, "images.json");
        await File.WriteAllTextAsync(images, """{"images": [{"image": "postgres", "entrypoint": ["/nowhere/postgres"]}]}""", Stop);
        await using var local = await StartAsync("--operators", "database", "--images", images);
        Assert.Contains("its pods are simulated: /nowhere/postgres, which stands for image postgres, is not on this machine", local.Out, StringComparison.Ordinal);

        var own = NewKubectl("postgres-operator-system");
        await own.DoAsync("wait", "--for=condition=Available", "deploy/postgres-operator-controller-manager", "--timeout=50s");
        var kubectl = NewKubectl("default");
        await kubectl.DoWithAsync(Database("postgres:14"), "apply", "-f", "-");
        await kubectl.DoAsync("wait", "--for=condition=Ready", "database/shop", "--timeout=50s");
        await Eventually.SeeAsync(
            "the event", _ => kubectl.DoAsync("get", "events", "--field-selector", "reason=ProgramNotInstalled"), text => text.Contains("pod/shop-0", StringComparison.Ordinal), Patience, Stop);
        local.Signal(15);
        Assert.Equal(0, await local.ExitAsync(Patience, Stop));
        Assert.Equal("", local.Err);
    }

    [Fact]
    public async Task Its_pods_make_PostgreSQL_in_which_psql_runs_what_it_is_given()
    {
        // CI puts the distribution's programs on the path; elsewhere the node looks for the server where that keeps it.
        Assert.SkipUnless(Directory.Exists("/usr/lib/postgresql") || RequiredProgram.Find("postgres").Path is not null, "PostgreSQL is not on this machine");
        Assert.SkipWhen(RequiredProgram.Find("psql").Path is null, "psql is not on this machine");
        File.SetUnixFileMode(_directory.FullName, File.GetUnixFileMode(_directory.FullName) | UnixFileMode.OtherExecute);
        var sample = Path.Combine(_directory.FullName, "sample.yaml");
        await File.WriteAllTextAsync(sample, Database("postgres:14"), Stop);
        await using var local = await StartAsync("--operators", "database", "--samples", sample);
        var kubectl = NewKubectl("default");
        await kubectl.DoAsync("wait", "--for=condition=Ready", "database/shop", "--timeout=55s");

        Assert.Equal((0, "app shop f", ""), await PsqlAsync("", "shop", "--", "-AtF ", "-c", "select current_user, current_database(), pg_is_in_recovery()"));
        Assert.Equal((0, "2", ""), await PsqlAsync("create table t (a int); insert into t values (1), (2); select count(*) from t;", "shop", "-n", "default", "--read-only", "--", "-qAt"));
        Assert.Equal((3, "", "ERROR:  relation \"none\" does not exist"), await PsqlAsync("table none;", "shop", "--", "-v", "ON_ERROR_STOP=1"));
        Assert.Equal((1, "", "capstan: there is no Database store in namespace default (kubectl get databases -A lists all)"), await PsqlAsync("", "store"));
    }

    [Fact]
    public async Task A_run_without_it_leaves_no_pods_of_an_earlier_run_and_refuses_nothing()
    {
        await using (var first = await StartAsync("--operators", "database", "--data-dir", "data"))
        {
            first.Signal(15);
            Assert.Equal(0, await first.ExitAsync(Patience, Stop));
        }

        await using var second = await StartAsync("--operators", "none", "--data-dir", "data");
        var own = NewKubectl("postgres-operator-system");
        await Eventually.SeeAsync("no pods", _ => own.DoAsync("get", "deployments,pods", "-o", "name"), text => text.Length == 0, Patience, Stop);
        await NewKubectl("default").DoWithAsync(Database("nginx:1"), "apply", "-f", "-");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Database(string image) =>
        $$"""
        apiVersion: database.example.com/v1
        kind: Database
        metadata: {name: shop}
        spec: {image: "{{image}}", databaseName: shop, username: app, storage: {size: 1Gi} }
        """;

    private async Task<RunningProcess> StartAsync(params string[] arguments)
    {
        var local = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", .. arguments], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }

    private async Task<(int Code, string Out, string Err)> PsqlAsync(string input, params string[] arguments)
    {
        var variables = new Dictionary<string, string> { ["KUBECONFIG"] = Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), ["HOME"] = _directory.FullName, ["LC_ALL"] = "C" };
        await using var psql = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["db", "connect", .. arguments], variables, input: input);
        var code = await psql.ExitAsync(Patience, Stop);
        return (code, psql.Out, psql.Err.Split('\n')[0]);
    }

    private Kubectl NewKubectl(string @namespace)
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        return new(program.Path!, Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), _directory.FullName, @namespace);
    }
}
