using System.Globalization;
using Capstan.ApiServer.Bench;
using Capstan.Cluster.Bench;

// workloads [--workloads N] [--replicas N]: Deployments, half of them StatefulSets, made at once; until all of their simulated pods are ready.
int Option(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

Report.Machine();
await ReadyWorkloads.RunAsync(Option("--workloads", 200), Option("--replicas", 3));
