using Capstan;
using Capstan.Caching;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Upgrade;

/// <summary>Takes over a cluster where the Go operator ran: waits until that one has stopped, then clears away what only it needed.</summary>
/// <remarks>
/// <para>1. Before this replica leads or writes anything: <see cref="GoLease"/>. 2. Beside the work: <see cref="NamespaceFinalizers"/>.</para>
/// <para>Both find in the cluster what is left to do and keep nothing in mind; once all is done they cost a read of the Lease at each start.</para>
/// </remarks>
[Rbac("", "namespaces", "get", "patch")]
internal static class Takeover
{
    /// <summary>Adds 1 and 2 to an operator.</summary>
    /// <param name="builder">The operator.</param>
    /// <param name="namespaces">Its informer of all namespaces.</param>
    /// <param name="options">Where the Lease may be.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Tells what is waited for.</param>
    public static void AddTo(OperatorBuilder builder, Informer namespaces, KubeTemplaterOptions options, TimeProvider time, ILogger logger)
    {
        var lease = new GoLease(builder.Client, [options.OperatorNamespace, options.PodNamespace], time, logger);
        builder.AddReadyCheck("takeover", _ => ValueTask.FromResult(lease.WaitsFor));
        builder.AddGate(lease.WaitUntilFreeAsync);

        var finalizers = new NamespaceFinalizers(builder.Client, namespaces.Cache, time, logger);
        namespaces.AddHandler(finalizers.Notice);
        builder.AddRunnable(finalizers.RemoveAsync);
    }
}
