using Capstan;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Policies.Status;

/// <summary>Has the status of policies written in rounds: at most one in ten seconds, for the namespaces where something happened, and none while nothing does.</summary>
/// <remarks>Thread-safe. A round begins with what happened and waits a moment for more; no timer runs in between.</remarks>
/// <param name="write">Writes the status of the policies for one source namespace; told whether this replica leads.</param>
/// <param name="logger">Told what could not be written; it is tried again in the next round.</param>
/// <param name="time">Clock.</param>
internal sealed class PolicyStatusRounds(Func<string, bool, CancellationToken, Task> write, ILogger logger, TimeProvider time)
{
    /// <summary>Least time between the begins of two rounds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>How long a round waits for more when there was none for long.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _lastRoundPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task _rounds = Task.CompletedTask;
    private bool _isLeader;
    private bool _isOver;
    private long? _lastRound;

    /// <summary>What the leader says of the policies for a namespace may be different now. Nothing happens on the other replicas.</summary>
    public void Note(string sourceNamespace)
    {
        lock (_lock)
        {
            if (_isLeader)
            {
                Wait_NeedsLock(sourceNamespace);
            }
        }
    }

    /// <summary>The same for all policies.</summary>
    /// <param name="sourceNamespaces">All that policies name now; asked only on a replica that leads.</param>
    public void NoteAll(Func<IEnumerable<string>> sourceNamespaces)
    {
        lock (_lock)
        {
            if (!_isLeader)
            {
                return;
            }
        }

        foreach (var one in sourceNamespaces())
        {
            Note(one);
        }
    }

    /// <summary>Something was counted here for a policy for a namespace.</summary>
    public void Counted(string sourceNamespace)
    {
        lock (_lock)
        {
            Wait_NeedsLock(sourceNamespace);
        }
    }

    /// <summary>Writes as the leader until cancelled, then once more what is left.</summary>
    /// <param name="sourceNamespaces">All that policies name now; asked once this replica leads.</param>
    /// <param name="cancellationToken">Leadership is about to end.</param>
    public async Task LeadAsync(Func<IEnumerable<string>> sourceNamespaces, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isLeader = true;
        }

        NoteAll(sourceNamespaces);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task rounds;
        lock (_lock)
        {
            _isOver = true;
            rounds = _rounds;
        }

        await _stop.CancelAsync();
        await rounds.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var patience = new CancellationTokenSource(_lastRoundPatience, time);
        await RoundAsync(patience.Token);
    }

    private void Wait_NeedsLock(string sourceNamespace)
    {
        _waiting.Add(sourceNamespace);
        if (_rounds.IsCompleted && !_isOver)
        {
            // Not in the name of the run that happens to count first: its template may move to another replica, and a policy is not written for its sake.
            using (ExecutionContext.SuppressFlow())
            {
                _rounds = Task.Run(RunAsync);
            }
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var wait = _lastRound is { } last ? Interval - time.GetElapsedTime(last) : Gathering;
            await Task.Delay(wait > Gathering ? wait : Gathering, time, _stop.Token);
            _lastRound = time.GetTimestamp();
            await RoundAsync(_stop.Token);
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _rounds = Task.CompletedTask;
                    return;
                }
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        string[] round;
        bool isLeader;
        lock (_lock)
        {
            (round, isLeader) = ([.. _waiting], _isLeader);
            _waiting.Clear();
        }

        foreach (var sourceNamespace in round)
        {
            try
            {
                await write(sourceNamespace, isLeader, cancellationToken);
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or OperationCanceledException or InvalidOperationException)
            {
                // InvalidOperationException: the client is disposed of, or may not write any more.
                lock (_lock)
                {
                    _waiting.Add(sourceNamespace);
                }

                if (e is not OperationCanceledException)
                {
                    Log.PolicyStatusNotWritten(logger, sourceNamespace, e.Message);
                }
            }
        }
    }
}
