using System.Globalization;
using Capstan.ApiServer;
using Capstan.Testing;
using Recordings.Tests.Wire;

namespace Recordings.Tests.Sequences;

/// <summary>Random writes of several managers to one object: after each of them the server keeps its promises.</summary>
public sealed class SequenceTests(SequenceTests.Embedded embedded) : IClassFixture<SequenceTests.Embedded>
{
    private const int Steps = 20;
    private const int Sequences = 25;

    public static TheoryData<string> Kinds() => [.. SequenceKind.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_write_keeps_what_is_promised_of_all(string name)
    {
        var kind = SequenceKind.All.Single(k => k.Name == name);
        var first = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 1;
        for (var seed = first; seed < first + Sequences; seed++)
        {
            var run = new SequenceRun(embedded.Server, kind, embedded.Namespace, $"o{seed}", Embedded.Id);
            var broken = await run.BreakAsync(new SequenceGenerator(kind, seed).Steps(Steps), TestContext.Current.CancellationToken);
            Assert.True(broken is null, $"CAPSTAN_FUZZ_SEED={seed}: {broken}");
        }
    }

    /// <summary>A server with the kind of one's own.</summary>
    public sealed class Embedded : IAsyncLifetime
    {
        public const string Id = "embedded";

        private TestCluster _cluster = null!;

        internal ServerUnderTest Server { get; private set; } = null!;

        internal string Namespace { get; } = "written";

        public async ValueTask InitializeAsync()
        {
            // Nobody but the sequences writes: the cluster's controllers have a test of their own.
            _cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false, ApiServer = new ApiServerOptions { Clock = new HurriedClock() } }, TestContext.Current.CancellationToken);
            Server = new ServerUnderTest(_cluster.KubeconfigPath);
            await SequenceRun.PrepareAsync(Server, Namespace, Id, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            Server.Dispose();
            await _cluster.DisposeAsync();
        }
    }

    // No two looks at it show the same second. Of two managers of one second a real server too puts the one behind that applies the same again in the next:
    // it has nothing to change, and the order of managedFields is a change.
    private sealed class HurriedClock : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();
        private long _looks;

        public override DateTimeOffset GetUtcNow() => _start.AddSeconds(Interlocked.Increment(ref _looks));
    }
}
