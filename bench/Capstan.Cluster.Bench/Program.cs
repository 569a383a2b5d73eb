using System.Globalization;
using Capstan.ApiServer.Bench;
using Capstan.Cluster.Bench;

// workloads [--workloads N] [--replicas N]: Deployments, half of them StatefulSets, made at once; until all of their simulated pods are ready.
// hpa --kubeconfig FILE --capstan FILE [--seconds N] [--rate N] [--count N] [--within N]: a churn against a running capstan local; until the replicas are few again.
string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Option(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

Report.Machine();
if (args is ["hpa", ..])
{
    string Given(string name, int otherwise) => Option(name, otherwise).ToString(CultureInfo.InvariantCulture);
    await HpaTimeline.RunAsync(
        Text("--kubeconfig")!, Text("--capstan")!, ["churn", "--duration", Given("--seconds", 180), "--rate", Given("--rate", 60), "--count", Given("--count", 500)], TimeSpan.FromSeconds(Option("--within", 1800)));
    return;
}

await ReadyWorkloads.RunAsync(Option("--workloads", 200), Option("--replicas", 3));
