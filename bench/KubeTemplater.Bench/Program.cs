using System.Globalization;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Admission;
using KubeTemplater.Bench.Scale;
using KubeTemplater.Bench.Templates;

// [webhook [--per-second N] [--seconds N] [--resources N] [--rules N] [--http 1.1|2.0] [--program FILE]]
// [templates [--templates N] [--bare N] [--workers N] [--per-second N] [--restart 1] [--idle N] [--kubeconfig FILE] [--program FILE] [--env A=1,B=2]]: one part, or both.
// scale [--templates 1000,10000,100000] [--applied 10000] [--data-dir DIR] [--workers N] [--idle N] [--kubeconfig FILE [--there 1]] [--program FILE] [--env A=1,B=2]
// share [--replicas 1,2,4,10] [--templates N] [--workers N] [--write-delay MS] [--program FILE]
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;
string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Option(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

if (args is [ServerProcess.Part, var directory, var delay])
{
    await ServerProcess.ServeAsync(directory, double.Parse(delay, CultureInfo.InvariantCulture));
    return;
}

IReadOnlyDictionary<string, string> Variables() => (Text("--env") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);
int[] Numbers(string name, string otherwise) => [.. (Text(name) ?? otherwise).Split(',').Select(one => int.Parse(one, CultureInfo.InvariantCulture))];

Report.Machine();
if (args is ["scale", ..])
{
    await ScaleRun.RunAsync(new()
    {
        Templates = Numbers("--templates", "1000,10000,100000"),
        Workers = Option("--workers", 8),
        Idle = TimeSpan.FromSeconds(Option("--idle", 60)),
        Applied = Option("--applied", 10_000),
        DataDirectory = Text("--data-dir"),
        Kubeconfig = Text("--kubeconfig"),
        AreThere = Option("--there", 0) == 1,
        Program = Text("--program"),
        Environment = Variables(),
    });
    return;
}

if (args is ["share", ..])
{
    await ShareRun.RunAsync(new()
    {
        Replicas = Numbers("--replicas", "1,2,4,10"),
        Templates = Option("--templates", 1000),
        Workers = Option("--workers", 3),
        WriteDelay = TimeSpan.FromMilliseconds(Option("--write-delay", 0)),
        Program = Text("--program"),
    });
    return;
}

if (Wanted("webhook"))
{
    await WebhookRun.RunAsync(new(
        Option("--per-second", 500), TimeSpan.FromSeconds(Option("--seconds", 20)), Option("--resources", 20), Option("--rules", 20), Text("--http") ?? "1.1", Text("--program")));
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
        Environment = Variables(),
    });
}
