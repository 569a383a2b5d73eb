using System.Globalization;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Admission;
using KubeTemplater.Bench.Drift;
using KubeTemplater.Bench.Templates;

// [webhook [--per-second N] [--seconds N] [--resources N] [--rules N] [--http 1.1|2.0] [--program FILE]] [drift [--templates N] [--drifts N] [--idle N]]
// [templates [--templates N] [--bare N] [--workers N] [--per-second N] [--restart 1] [--idle N] [--kubeconfig FILE] [--program FILE] [--env A=1,B=2]]: one part, or all.
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

if (Wanted("templates"))
{
    await TemplatesRun.RunAsync(new()
    {
        Templates = Option("--templates", 5000),
        WarmUp = Option("--warm-up", 1000),
        Bare = Option("--bare", 1000),
        Workers = Option("--workers", 8),
        PerSecond = Option("--per-second", 0),
        Watched = Option("--watched", 1) == 1,
        Restart = Option("--restart", 1) == 1,
        Idle = TimeSpan.FromSeconds(Option("--idle", 60)),
        Kubeconfig = Text("--kubeconfig"),
        Program = Text("--program"),
        Environment = (Text("--env") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]),
    });
}
