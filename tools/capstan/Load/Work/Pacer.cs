using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Work;

/// <summary>Does something again and again: at the moments of a fixed schedule, or as fast as its clients can.</summary>
/// <param name="rate">Times a second; 0: as fast as can be.</param>
/// <param name="clients">How many are under way at most.</param>
/// <param name="time">Clock.</param>
internal sealed class Pacer(double rate, int clients, TimeProvider time)
{
    private long _next = -1;

    /// <summary>By how much each was begun after its moment, because all clients were busy or the machine was.</summary>
    public Durations Late { get; } = new();

    /// <summary>Does it <paramref name="count"/> times.</summary>
    public Task TimesAsync(long count, Func<long, Task> act, CancellationToken stop) => RunAsync((number, _) => number < count, act, stop);

    /// <summary>Does it for a time.</summary>
    public Task ForAsync(TimeSpan duration, Func<long, Task> act, CancellationToken stop) => RunAsync((_, at) => at < duration, act, stop);

    private async Task RunAsync(Func<long, TimeSpan, bool> goesOn, Func<long, Task> act, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, stop)));

        async Task ClientAsync()
        {
            while (true)
            {
                var number = Interlocked.Increment(ref _next);
                var due = rate > 0 ? TimeSpan.FromSeconds(number / rate) : time.GetElapsedTime(start);
                if (!goesOn(number, due))
                {
                    return;
                }

                if (due - time.GetElapsedTime(start) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, time, stop);
                }

                if (rate > 0)
                {
                    var late = time.GetElapsedTime(start) - due;
                    Late.Add(late > TimeSpan.Zero ? late : TimeSpan.Zero);
                }

                stop.ThrowIfCancellationRequested();
                await act(number);
            }
        }
    }
}
