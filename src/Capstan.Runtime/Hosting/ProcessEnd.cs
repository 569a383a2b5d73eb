using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>The last resort against a run that does not end: the process ends.</summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="exit">What the options say; null for the default.</param>
    /// <param name="logger">Told first.</param>
    /// <param name="reason">Why.</param>
    public static void Now(Action<string>? exit, ILogger logger, string reason)
    {
        Log.ProcessEnds(logger, reason);
        if (exit is not null)
        {
            exit(reason);
            return;
        }

        // A handler of the exit may wait for the very run that does not end.
        var last = new Thread(() =>
        {
            using var never = new ManualResetEventSlim();
            never.Wait(Patience);
            Environment.FailFast(reason);
        })
        { IsBackground = true };
        last.Start();
        Environment.Exit(1);
    }
}
