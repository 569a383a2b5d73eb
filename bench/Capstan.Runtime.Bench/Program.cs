using System.Globalization;
using Capstan.ApiServer.Bench;
using Capstan.Runtime.Bench;

// [cache|queue|client|...] [--objects N] [--rounds N]: one part, or all.
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;
int Option(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

Report.Machine();
if (Wanted("cache"))
{
    await CacheRuns.RunAsync(Option("--objects", 100_000), Option("--rounds", 3));
}

if (Wanted("queue"))
{
    QueueTurns.Run();
    await DelayedKeys.RunAsync();
    await ReconcileStart.RunAsync();
}

if (Wanted("client"))
{
    await ClientLoad.RunAsync();
}
