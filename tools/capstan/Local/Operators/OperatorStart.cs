using Capstan.Cluster;
using Capstan.Cluster.Manifests;
using Capstan.Cluster.Node;
using Microsoft.Extensions.Logging;

namespace Capstan.Tool.Local.Operators;

/// <summary>An operator on its way into this cluster, under its own account: as pods if pods are processes, else inside of this process.</summary>
/// <remarks>Inside, too, it is its ServiceAccount, so that a right that it does not ship is missing here as it would be elsewhere.</remarks>
internal sealed class OperatorStart(LocalOperator known, LocalOptions options, KubeClient client, ManifestInstaller installer)
{
    private readonly OperatorPods? _pods = options.Pods == PodMode.Process ? new(known, client, installer) : null;
    private readonly AdmissionInstall? _admission = options.Admission ? new(known, client, installer) : null;

    /// <summary>What is known of it.</summary>
    public LocalOperator Known => known;

    /// <summary>Itself, inside of this process; null: it is pods.</summary>
    public RunningOperator? InProcess { get; private set; }

    /// <summary>Why what it makes is simulated, though pods are processes; null: it is not.</summary>
    public string? Lacking { get; private set; }

    /// <summary>Starts it; inside of this process, returns once its caches are filled.</summary>
    public async Task BeginAsync(StopStack parts, Task<LocalNode>? node, ILoggerFactory logs, CancellationToken stop)
    {
        if (_pods is null)
        {
            var login = parts.Add(await ServiceAccountLogin.StartAsync(client, known.Account, stop));
            var own = parts.Closing(new KubeClient(login.Config, new KubeClientOptions { UserAgent = known.Name }));
            InProcess = parts.Add(await RunningOperator.StartAsync(known.Build(own, options.Admission, logs), stop));
            return;
        }

        Lacking = known.Program is { } program && node is not null ? (await node).MissingFor(program.Image) : null;
        List<string> flags = [];
        if (_admission is null)
        {
            // Without a configuration that it could put its authority into it would never be ready.
            flags.Add("--webhook-bind-address=0");
        }

        if (Lacking is not null)
        {
            flags.Add(known.Program!.Value.FlagWithout);
        }

        await _pods.BeginAsync(flags, stop);
    }

    /// <summary>Returns once it works and, if that is wanted, the API server asks it before it stores objects of its kinds.</summary>
    /// <exception cref="TimeoutException">It does not come to that.</exception>
    public async Task ReadyAsync(CancellationToken stop)
    {
        if (InProcess is { } inside)
        {
            await (_admission?.InstallAsync(inside.Operator, stop) ?? Task.CompletedTask);
            return;
        }

        await (_admission?.InstallForPodsAsync(stop) ?? Task.CompletedTask);
        await _pods!.ReadyAsync(stop);
        await (_admission?.AnswersAsync(stop) ?? Task.CompletedTask);
    }

    /// <summary>Adds what it did not need to begin: its other replicas, and what scales and watches them.</summary>
    public Task CompleteAsync(CancellationToken stop) => _pods?.CompleteAsync(stop) ?? Task.CompletedTask;
}
