using System.Diagnostics.Metrics;
using System.Text;
using Capstan;
using Capstan.Caching;
using Capstan.Testing;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Policies;

/// <summary>Where a policy is looked for, what that costs, and how old an answer may be.</summary>
public sealed class PolicyBookTests(SharedOperator shared) : IClassFixture<SharedOperator>, IAsyncDisposable
{
    private readonly OperatorUnderTest _under = shared.Running;
    private readonly JumpingClock _clock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Meter _meter = new("policies");
    private readonly Counts _counts = new();
    private KubeClient? _client;
    private Task _informing = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_that_the_watch_has_not_told_yet_is_read_from_the_server()
    {
        await _under.NamespaceWithPolicyAsync("just-made", "[]");

        Assert.Equal("just-made", (await Blind().ForAsync("just-made", Cancel)).Policy.Metadata.Name);
        Assert.Equal((0, 1), _counts.HitsAndMisses);
    }

    [Fact]
    public async Task Templates_without_a_policy_cost_one_read_a_second_and_no_more()
    {
        var book = Blind();
        var before = await ListsAsync();
        await Parallel.ForAsync(0, 100, Cancel, async (i, ct) => await Assert.ThrowsAsync<TemplateException>(async () => await book.ForAsync($"nobody-{i}", ct)));
        Assert.Equal(before + 1, await ListsAsync());

        _clock.Jump(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TemplateException>(async () => await book.ForAsync("nobody", Cancel));

        Assert.Equal(before + 2, await ListsAsync());
        Assert.Equal((0, 101), _counts.HitsAndMisses);
    }

    [Fact]
    public async Task Ten_thousand_lookups_under_changes_of_policy_are_hits_but_for_each_version_once()
    {
        var ns = await _under.NamespaceWithPolicyAsync("much-asked", "[]");
        var book = await WatchingAsync();
        var lists = await ListsAsync();
        for (var version = 1; version <= 5; version++)
        {
            await _under.NamespaceWithPolicyAsync(ns, $"[{{kind: K{version}, group: \"\", version: v1, targetNamespaces: [{ns}]}}]");
            await Eventually.SeeAsync("the change", async ct => (await book.ForAsync(ns, ct)).Policy.Spec.ValidationRules is [var rule, ..] ? rule.Kind : "", kind => kind == $"K{version}");
            await Parallel.ForAsync(0, 2000, Cancel, async (_, ct) => await book.ForAsync(ns, ct));
        }

        var (hits, misses) = _counts.HitsAndMisses;
        TestContext.Current.TestOutputHelper!.WriteLine($"{hits} hits, {misses} misses");
        Assert.InRange(misses, 5, 6);
        Assert.True(hits >= 10_000, $"{hits} hits");
        Assert.Equal(lists, await ListsAsync());
    }

    [Fact]
    public async Task What_the_watch_has_not_vouched_for_within_the_age_is_read_once_and_then_good_for_as_long()
    {
        var ns = await _under.NamespaceWithPolicyAsync("silent", "[]");
        var book = await WatchingAsync();
        await book.ForAsync(ns, Cancel);
        var lists = await ListsAsync();

        _clock.Jump(TimeSpan.FromSeconds(290));
        await book.ForAsync(ns, Cancel);
        Assert.Equal(lists, await ListsAsync());

        _clock.Jump(TimeSpan.FromSeconds(20));
        await Parallel.ForAsync(0, 100, Cancel, async (_, ct) => await book.ForAsync(ns, ct));
        Assert.Equal(lists + 1, await ListsAsync());

        _clock.Jump(TimeSpan.FromSeconds(310));
        await book.ForAsync(ns, Cancel);
        Assert.Equal(lists + 2, await ListsAsync());

        // An event of any policy says that the watch lives.
        await _under.NamespaceWithPolicyAsync("silent-neighbour", "[]");
        await Eventually.SeeAsync("the neighbour", async ct => (await book.ForAsync("silent-neighbour", ct)).Name, name => name.EndsWith("neighbour", StringComparison.Ordinal));
        _clock.Jump(TimeSpan.FromSeconds(290));
        await book.ForAsync(ns, Cancel);
        _clock.Jump(TimeSpan.FromSeconds(5));
        await book.ForAsync(ns, Cancel);
        Assert.Equal(lists + 2, await ListsAsync());
    }

    [Fact]
    public async Task A_change_that_no_watch_tells_counts_once_the_age_is_reached()
    {
        var ns = await _under.NamespaceWithPolicyAsync("unheard", "[]");
        var book = Blind();
        Assert.Empty((await book.ForAsync(ns, Cancel)).Policy.Spec.ValidationRules);
        await _under.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, ns));

        _clock.Jump(TimeSpan.FromSeconds(299));
        await book.ForAsync(ns, Cancel);
        _clock.Jump(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<TemplateException>(async () => await book.ForAsync(ns, Cancel));
    }

    [Fact]
    public async Task R15_nothing_is_left_in_memory_of_policies_and_versions_that_are_gone()
    {
        var ns = await _under.NamespaceWithPolicyAsync("forgotten", Rules(0));
        var book = await WatchingAsync();
        var old = await HeldAsync(book, ns, "");
        await _under.Client.PatchAsync(
            KubeTemplatePolicy.Resource, new(OperatorUnderTest.OperatorNamespace, ns), PatchType.Merge, Encoding.UTF8.GetBytes("""{"spec":{"params":{"version":1}}}"""), cancellationToken: Cancel);
        var current = await HeldAsync(book, ns, "version");
        await GoneAsync("the version before", old);
        Assert.True(current.TryGetTarget(out _));

        await _under.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, ns), cancellationToken: Cancel);
        await GoneAsync("the policy", current);

        static string Rules(int n) => $$"""[{kind: ConfigMap, group: "", version: v1, targetNamespaces: [forgotten], fieldValidations: [{name: a, type: regex, fieldPath: a, regex: "x{{n}}"}]}]""";

        async Task<WeakReference<CompiledPolicy>> HeldAsync(PolicyBook from, string of, string param) => new(await Eventually.SeeAsync(
            "the policy", async ct => await from.ForAsync(of, ct), policy => policy.Policy.Spec.Params is null ? param.Length == 0 : param.Length > 0, cancellationToken: Cancel));

        Task GoneAsync(string what, WeakReference<CompiledPolicy> held) => Eventually.SeeAsync(
            $"{what} to be collected",
            _ =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Task.FromResult(held.TryGetTarget(out var _));
            },
            isThere => !isThere,
            cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_refuses_nobody_for_want_of_a_policy_and_is_asked_once_a_second()
    {
        using var fault = _under.Cluster.Faults.Add(Fault.Error(403, "Forbidden", "not today").On("list", "kubetemplatepolicies.kubetemplater.io").From("book"));
        var book = Blind();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("not today", (await Assert.ThrowsAsync<ApiException>(async () => await book.ForAsync("anybody", Cancel))).Status.Message);
        }

        Assert.Equal(1, fault.Injected);
        _clock.Jump(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ApiException>(async () => await book.ForAsync("anybody", Cancel));
        Assert.Equal(2, fault.Injected);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_informing);
        _client?.Dispose();
        _meter.Dispose();
        _counts.Dispose();
        _end.Dispose();
    }

    private PolicyBook Blind() => Book(Policies());

    private async Task<PolicyBook> WatchingAsync()
    {
        var policies = Policies();
        var book = Book(policies);
        _informing = policies.RunAsync(_end.Token);
        await policies.WaitForSyncAsync(Cancel);
        return book;
    }

    private Informer Policies()
    {
        _client = new KubeClient(KubeConfig.Load(_under.Cluster.KubeconfigPath), new() { UserAgent = "book", TimeProvider = _clock });
        return new(_client, KubeTemplatePolicy.Resource, new() { Namespace = OperatorUnderTest.OperatorNamespace });
    }

    private PolicyBook Book(Informer policies)
    {
        _counts.Watch(_meter);
        return new(_client!, policies, OperatorUnderTest.OperatorNamespace, TimeSpan.FromSeconds(300), _meter, _clock);
    }

    private Task<long> ListsAsync() => _under.ServerCountAsync("LIST", "kubetemplatepolicies");

    /// <summary>Runs like the system's clock, and jumps ahead when told to; timers take no notice.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private long _ahead;

        public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _ahead);

        public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, (long)(by.TotalSeconds * TimestampFrequency));
    }

    private sealed class Counts : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _hits;
        private long _misses;

        public (long Hits, long Misses) HitsAndMisses => (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));

        public void Watch(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
                Interlocked.Add(ref instrument.Name == "kubetemplater_cache_hits" ? ref _hits : ref _misses, value));
            _listener.Start();
        }

        public void Dispose() => _listener.Dispose();
    }
}
