using System.Globalization;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Admission;
using KubeTemplater.Bench.Drift;

// [webhook [--per-second N] [--seconds N] [--resources N] [--rules N] [--http 1.1|2.0] [--program FILE]] [drift [--templates N] [--drifts N] [--idle N]]: one part, or all.
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;
string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Option(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

Report.Machine();
if (Wanted("webhook"))
{
    await WebhookRun.RunAsync(new(
        Option("--per-second", 500), TimeSpan.FromSeconds(Option("--seconds", 20)), Option("--resources", 20), Option("--rules", 20), Text("--http") ?? "1.1", Text("--program")));
}

if (Wanted("drift"))
{
    await DriftRun.RunAsync(Option("--templates", 5000), Option("--drifts", 500), TimeSpan.FromSeconds(Option("--idle", 60)));
}
