using System.Globalization;
using Capstan.ApiServer.Bench;
using Capstan.Runtime.Bench;
using Capstan.Runtime.Bench.Failover;

// [cache|queue|client] [--objects N] [--rounds N]: one part, or all. These run only when they are named: soak [--minutes N] [--objects N] [--changes N],
// failover [--objects N] [--rounds N] [--members N].
if (args is ["failover-member", .. var member])
{
    await Member.RunAsync(member);
    return 0;
}

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

if (args is ["soak", ..])
{
    return await Soak.RunAsync(TimeSpan.FromMinutes(Option("--minutes", 10)), Option("--objects", 5_000), Option("--changes", 200)) ? 0 : 1;
}

if (args is ["failover", ..])
{
    return await FailoverRuns.RunAsync(Option("--objects", 2_000), Option("--rounds", 3), Option("--members", 10)) ? 0 : 1;
}

return 0;
