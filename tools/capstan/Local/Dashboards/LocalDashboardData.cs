using Capstan.Caching;
using Capstan.Cluster.Manifests;
using Capstan.Dashboard;
using Capstan.Dashboard.Metrics;
using Capstan.Tool.Local.Operators;
using Databases.Resources;
using KubeTemplater.Resources;

namespace Capstan.Tool.Local.Dashboards;

/// <summary>What the page of <c>capstan local</c> shows: from informers of its own, which begin when the page is first opened.</summary>
internal sealed class LocalDashboardData(KubeClient client, ManifestInstaller installer, IReadOnlyList<OperatorStart> operators) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _watching = [];
    private readonly OperatorPages _pages = new(client, installer, operators);
    private Task<DashboardData>? _known;

    /// <summary>The data, once the informers have synced.</summary>
    public Task<DashboardData> KnownAsync(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_known is null or { IsFaulted: true })
            {
                _known = BeginAsync();
            }

            return _known.WaitAsync(stop);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] all;
        lock (_gate)
        {
            all = [.. _watching];
        }

        await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_known is { IsCompletedSuccessfully: true })
        {
            (await _known).Dispose();
        }

        _pages.Dispose();
        _stop.Dispose();
    }

    private async Task<DashboardData> BeginAsync()
    {
        var informers = new List<Informer>();
        var time = client.Options.TimeProvider;
        var has = operators.Select(start => start.Known.Name).ToHashSet();
        var data = new DashboardData("capstan local", new MetricsHistory(_pages.ReadAsync, time), time)
        {
            Templates = has.Contains(LocalOperator.KubeTemplater.Name) ? new(Watch(KubeTemplate.Resource), time) : null,
            Policies = has.Contains(LocalOperator.KubeTemplater.Name) ? new(Watch(KubeTemplatePolicy.Resource, LocalOperator.KubeTemplater.Account.Namespace)) : null,
            Databases = has.Contains(LocalOperator.Database.Name) ? new(Watch(Database.Resource), Watch(Backup.Resource), Watch(Restore.Resource)) : null,
        };
        lock (_gate)
        {
            _watching.AddRange(informers.Select(informer => informer.RunAsync(_stop.Token)));
        }

        await Task.WhenAll(informers.Select(informer => informer.WaitForSyncAsync(_stop.Token)));
        return data;

        Informer Watch(ResourceType type, string? @namespace = null)
        {
            var informer = new Informer(client, type, new() { Namespace = @namespace });
            informers.Add(informer);
            return informer;
        }
    }
}
