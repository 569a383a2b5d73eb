using Capstan.Caching;
using Capstan.Queueing;

namespace Capstan.Controllers;

/// <summary>Asks for a run of every object from time to time, at the lowest priority: what a missed event or an outside change left behind is found.</summary>
internal sealed class PeriodicReconcile(
    WorkQueue<ObjectKey> queue, IReadOnlyList<Informer> informers, WorkAdmission? admission, TimeSpan period, TimeProvider time, SharedRandom random)
{
    // All at once would be a flood for the API server, and again at the next time.
    private const double Spread = 0.1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await LongDelay.WaitAsync(random.Lengthen(period, Spread), time, cancellationToken);
            foreach (var informer in informers)
            {
                foreach (var key in informer.Keys)
                {
                    if (admission?.Wants(key) ?? true)
                    {
                        queue.AddAfter(key, TimeSpan.FromTicks((long)(period.Ticks * Spread * random.Next())), Priority.Resync);
                    }
                }
            }
        }
    }
}
