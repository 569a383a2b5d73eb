using Capstan;
using Capstan.Election;
using Capstan.Runtime.Tests;
using Capstan.Testing;
using KubeTemplater.Upgrade;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Tests.Upgrade;

/// <summary>How long the Go operator's Lease is waited for.</summary>
public sealed class GoLeaseTests : IAsyncLifetime
{
    private static readonly ObjectKey _key = new("default", KubeTemplaterOperator.LeaseName);
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(2);
    private readonly ManualTime _time = new();
    private TestCluster _cluster = null!;
    private GoLease _lease = null!;
    private Task _waiting = Task.CompletedTask;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);
        _lease = new GoLease(_cluster.Client, ["default", "kubetemplater-system", "default"], _time, NullLogger.Instance);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Without_one_nothing_is_waited_for()
    {
        await _lease.WaitUntilFreeAsync(Stop);
        Assert.Null(_lease.WaitsFor);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task One_that_nobody_holds_is_not_waited_for(string? holder)
    {
        await HoldAsync(holder);
        await _lease.WaitUntilFreeAsync(Stop);
    }

    [Fact]
    public async Task A_replica_of_this_operator_is_not_waited_for()
    {
        await HoldAsync(GoLease.NewIdentity());
        await _lease.WaitUntilFreeAsync(Stop);
        Assert.NotEqual(GoLease.NewIdentity(), GoLease.NewIdentity());
    }

    [Fact]
    public async Task As_long_as_it_is_renewed_it_is_waited_for_and_said_so()
    {
        await HoldAsync("go-1");
        await BeginAsync();
        for (var renewals = 0; renewals < 20; renewals++)
        {
            await StepAsync();
            Assert.False(_waiting.IsCompleted);
            Assert.Equal($"Lease {_key} is held by go-1: waiting for that KubeTemplater to stop", _lease.WaitsFor);
            await HoldAsync("go-1");
        }

        // A release: two more looks, the second because the Go operator's workers end after it.
        await HoldAsync("");
        await StepAsync();
        Assert.False(_waiting.IsCompleted);
        await StepAsync();
        await _waiting.WaitAsync(Stop);
        Assert.Null(_lease.WaitsFor);
    }

    [Fact]
    public async Task One_that_is_renewed_no_more_is_waited_for_until_it_expires()
    {
        await HoldAsync("go-1", seconds: 10);
        await BeginAsync();
        for (var looks = 0; looks < 5; looks++)
        {
            await StepAsync();
            Assert.False(_waiting.IsCompleted);
        }

        await StepAsync();
        await _waiting.WaitAsync(Stop);
    }

    [Fact]
    public async Task One_that_was_left_behind_long_ago_is_not_waited_for()
    {
        await HoldAsync("go-1", seconds: int.MaxValue, renewed: _time.GetUtcNow() - TimeSpan.FromMinutes(11));
        await _lease.WaitUntilFreeAsync(Stop);
    }

    [Fact]
    public async Task One_in_the_namespace_of_the_Go_operators_pod_is_waited_for_too()
    {
        await _cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: kubetemplater-system}}", Stop);
        var key = new ObjectKey("kubetemplater-system", KubeTemplaterOperator.LeaseName);
        await HoldAsync("go-1", key: key);
        await BeginAsync();
        Assert.Contains("Lease kubetemplater-system/8377a775.my.company.com is held by go-1", _lease.WaitsFor, StringComparison.Ordinal);

        await _cluster.Client.DeleteAsync<Lease>(key, cancellationToken: Stop);
        await StepAsync();
        await StepAsync();
        await _waiting.WaitAsync(Stop);
    }

    [Fact]
    public async Task While_the_server_fails_it_may_be_held_and_nothing_goes_on()
    {
        using (_cluster.Faults.Add(Fault.InternalError("down").On("get", "leases.coordination.k8s.io")))
        {
            await BeginAsync();
            await StepAsync();
            Assert.False(_waiting.IsCompleted);
            Assert.Contains("down", _lease.WaitsFor, StringComparison.Ordinal);
            _cluster.Faults.Clear();
            await StepAsync();
            await StepAsync();
            await _waiting.WaitAsync(Stop);
        }
    }

    [Fact]
    public async Task Who_may_not_read_it_goes_on()
    {
        using var refused = _cluster.Faults.Add(Fault.Error(403, StatusReasons.Forbidden, "no").On("get", "leases.coordination.k8s.io"));
        await _lease.WaitUntilFreeAsync(Stop);
        Assert.Equal(2, refused.Injected);
    }

    /// <summary>Starts to wait; the first look is over.</summary>
    private async Task BeginAsync()
    {
        _waiting = _lease.WaitUntilFreeAsync(Stop);
        await LookAsync();
    }

    /// <summary>One look later.</summary>
    private async Task StepAsync()
    {
        await LookAsync();
        _time.Advance(_period);
        await LookAsync();
    }

    private Task LookAsync() => Task.WhenAny(_time.WaitForTimerAsync(_period, Stop), _waiting);

    private async Task HoldAsync(string? holder, int seconds = 15, DateTimeOffset? renewed = null, ObjectKey? key = null)
    {
        var lease = new Lease
        {
            Metadata = new() { Namespace = (key ?? _key).Namespace, Name = _key.Name },
            Spec = new() { HolderIdentity = holder, LeaseDurationSeconds = seconds, RenewTime = renewed ?? _time.GetUtcNow() },
        };
        if (await _cluster.Client.FindAsync<Lease>(key ?? _key, Stop) is { } before)
        {
            await _cluster.Client.UpdateAsync(before with { Spec = lease.Spec with { LeaseTransitions = (before.Spec?.LeaseTransitions ?? 0) + 1 } }, cancellationToken: Stop);
        }
        else
        {
            await _cluster.Client.CreateAsync(lease, cancellationToken: Stop);
        }
    }
}
