using Capstan.Cluster;
using KubeTemplater;
using Microsoft.Extensions.Logging;

namespace Capstan.Tool.Local;

/// <summary>KubeTemplater inside of this process, for a cluster whose pods do not run: under its own account, so that a right that it does not ship is missing here too.</summary>
internal static class OperatorInProcess
{
    /// <summary>Starts it, and returns once its caches are filled.</summary>
    public static async Task<RunningOperator> StartAsync(StopStack parts, KubeClient admin, bool admission, ILoggerFactory logs, CancellationToken stop)
    {
        var account = new ObjectKey(KubeTemplater.Manifests.Namespace, KubeTemplater.Manifests.ServiceAccount);
        var login = parts.Add(await ServiceAccountLogin.StartAsync(admin, account, stop));
        var client = parts.Closing(new KubeClient(login.Config, new KubeClientOptions { UserAgent = "kubetemplater" }));
        var environment = KubeTemplaterOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        var own = environment with { OperatorNamespace = account.Namespace, MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false, HealthProbeBindAddress = "127.0.0.1:0" };
        if (admission)
        {
            own = own with { Admission = new() { BindAddress = "127.0.0.1:0", UseLocalUrl = true } };
        }

        return parts.Add(await RunningOperator.StartAsync(KubeTemplaterOperator.Build(client, own, logs), stop));
    }
}
