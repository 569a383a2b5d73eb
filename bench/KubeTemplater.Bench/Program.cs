using System.Globalization;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Admission;
using KubeTemplater.Bench.Drift;

// [webhook [--per-second N] [--seconds N] [--resources N] [--rules N]] [drift [--templates N] [--drifts N] [--idle N]]: one part, or all.
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;
int Option(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

Report.Machine();
if (Wanted("webhook"))
{
    await WebhookRun.RunAsync(Option("--per-second", 500), TimeSpan.FromSeconds(Option("--seconds", 20)), Option("--resources", 20), Option("--rules", 20));
}

if (Wanted("drift"))
{
    await DriftRun.RunAsync(Option("--templates", 5000), Option("--drifts", 500), TimeSpan.FromSeconds(Option("--idle", 60)));
}
