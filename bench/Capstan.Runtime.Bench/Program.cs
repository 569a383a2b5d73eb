using Capstan.ApiServer.Bench;
using Capstan.Runtime.Bench;

// [queue|...]: one part, or all.
bool Wanted(string part) => args.Length == 0 || args[0] == part;

Report.Machine();
if (Wanted("queue"))
{
    QueueTurns.Run();
    await DelayedKeys.RunAsync();
    await ReconcileStart.RunAsync();
}
