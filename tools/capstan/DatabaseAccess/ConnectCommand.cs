using System.CommandLine;

namespace Capstan.Tool.DatabaseAccess;

/// <summary>The command line of <c>capstan db connect</c>.</summary>
internal static class ConnectCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan db connect shop
              psql in Database shop of the context's namespace, as its application role; \q ends it
          capstan db connect shop -n blue -- -c 'select count(*) from orders'
              one statement; what stands behind -- is for psql (-At for bare values, -f FILE for a script, -v ON_ERROR_STOP=1 to end at the first error)
          pg_dump ... | capstan db connect shop -- -q
              a script from standard input
          capstan db connect shop --read-only
              a standby, by Service shop-ro; with a single server, that one

        What it does by hand: the Secret that status.secretName names has username, password, dbname, host and port. host is a name of the cluster's own DNS,
        which this machine does not resolve, so libpq is given the Service's cluster IP besides:
          PGHOSTADDR=$(kubectl get service shop -o jsonpath='{.spec.clusterIP}') psql "$(kubectl get secret shop-credentials -o go-template='{{.data.uri | base64decode}}')"
        Cluster IPs answer on the machine where capstan local runs, and on nodes. Of another cluster: kubectl port-forward service/shop 5432.

        psql comes with PostgreSQL's client (apt-get install postgresql-client). The password is given by environment: no list of processes shows it.
        Exit code: psql's (0 done, 1 an error of its own, 2 no connection, 3 a script that failed); 1 if there is no such Database or it is not ready.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterArguments("Database");
        var name = new Argument<string>("NAME") { Description = "Name of a Database." };
        var rest = new Argument<string[]>("ARGUMENT") { Description = "Arguments of psql, behind --.", Arity = ArgumentArity.ZeroOrMore };
        var readOnly = new Option<bool>("--read-only") { Description = "Connect to a standby, where there is one." };
        var command = new Command("connect", "Open psql in a Database: by its connection Secret and the cluster IP of its Service.") { name, rest, readOnly };
        cluster.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var psql = Psql.Find(Environment.GetEnvironmentVariable("PATH"));
            IReadOnlyDictionary<string, string> variables = new Dictionary<string, string>();
            await cluster.UseAsync(parsed, async (client, @namespace, stop) =>
            {
                variables = await new ConnectionReading(client).ReadAsync(new ObjectKey(@namespace, parsed.GetValue(name)!), parsed.GetValue(readOnly), stop);
                return ExitCodes.Done;
            });
            return await psql.RunAsync(parsed.GetValue(rest) ?? [], variables);
        });
        return command;
    }
}
