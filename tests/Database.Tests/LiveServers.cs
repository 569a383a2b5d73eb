using Capstan.Testing;

// Most of their time these tests wait for servers.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace Databases.Tests;

/// <summary>A cluster whose pods of PostgreSQL are servers of this machine, and the operator on it: one for many tests, which run one after the other. Those that stop the operator have their own.</summary>
public sealed class LiveServers : IAsyncLifetime
{
    public const string Name = "servers";
    public const string OfSwitchovers = "servers of switchovers";

    private OperatorUnderTest? _running;

    /// <summary>Why these tests are skipped; null when they can run.</summary>
    public static string? SkipReason => Sql.LocalPod.SkipReason ?? RequiredProgram.Find("psql").SkipReason;

    public OperatorUnderTest Running => _running ?? throw new InvalidOperationException("the test is to be skipped");

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is null)
        {
            _running = await OperatorUnderTest.StartAsync(Options, runsServers: true);
        }
    }

    /// <summary>How the operator runs on it.</summary>
    public static DatabaseOperatorOptions Options { get; } = new() { ConnectionsPerSecond = 100, MaxConcurrentReconciles = 4 };

    public ValueTask DisposeAsync() => _running?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(LiveServers.Name)]
public sealed class LiveServersCollection : ICollectionFixture<LiveServers>;

[CollectionDefinition(LiveServers.OfSwitchovers)]
public sealed class SwitchoverServersCollection : ICollectionFixture<LiveServers>;
