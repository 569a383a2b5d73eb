using Capstan.ApiServer.Http;

namespace Capstan.Testing;

/// <summary>A fault that stands, until it is removed by disposing this. Thread-safe.</summary>
public sealed class FaultRule : IDisposable
{
    private readonly ClusterFaults _faults;
    private readonly CancellationTokenSource _removed = new();
    private int _covered;
    private int _injected;

    internal FaultRule(ClusterFaults faults, Fault fault)
    {
        _faults = faults;
        Fault = fault;
    }

    /// <summary>What goes wrong.</summary>
    public Fault Fault { get; }

    /// <summary>How often it has.</summary>
    public int Injected => Volatile.Read(ref _injected);

    /// <summary>Cancelled when the rule goes.</summary>
    internal CancellationToken Removed => _removed.Token;

    /// <summary>Removes the rule: requests from now on are spared, and a stale watch is told what was held back.</summary>
    public void Dispose()
    {
        _faults.Remove(this);
        _removed.Cancel();
    }

    /// <summary>Whether it is this request's turn.</summary>
    internal bool Takes_NeedsLock(RequestInfo request, string userAgent, Random random)
    {
        var scope = Fault.Scope;
        if (!scope.Covers(request, userAgent) || _covered++ < scope.Skip || _injected >= scope.Times || (scope.Probability < 1 && random.NextDouble() >= scope.Probability))
        {
            return false;
        }

        _injected++;
        return true;
    }
}
