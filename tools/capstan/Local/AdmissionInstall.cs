using System.Text.Json.Nodes;
using Capstan.Cluster.Manifests;
using KubeTemplater.Admission;

namespace Capstan.Tool.Local;

/// <summary>Has the API server ask the operator before it stores templates and policies.</summary>
/// <param name="client">An administrator's.</param>
/// <param name="installer">Applies manifests.</param>
internal sealed class AdmissionInstall(KubeClient client, ManifestInstaller installer)
{
    private static readonly ResourceType Configurations =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);

    private static readonly ObjectKey Key = ObjectKey.ClusterScoped(new AdmissionOptions().ConfigurationName);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Takes away what an earlier run has left in the data directory: it leads to a process that is gone, and would refuse everything.</summary>
    public async Task RemoveAsync(CancellationToken stop)
    {
        try
        {
            await client.DeleteAsync(Configurations, Key, cancellationToken: stop);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // As in every first run.
        }
    }

    /// <summary>Returns once the API server can reach the operator in this process.</summary>
    /// <exception cref="TimeoutException">The operator does not take the configuration over.</exception>
    public Task InstallAsync(Operator kubeTemplater, CancellationToken stop) => InstallAsync(
        client => (string?)client["url"] is { } url && new Uri(url).Port == kubeTemplater.WebhookPort, "write its address", stop);

    /// <summary>Returns once the API server can reach the operator's pods by their Service, which have put their certificate's authority there.</summary>
    /// <exception cref="TimeoutException">The operator does not take the configuration over.</exception>
    public Task InstallForPodsAsync(CancellationToken stop) => InstallAsync(
        client => client["service"] is not null && !string.IsNullOrEmpty((string?)client["caBundle"]), "write its authority", stop);

    private async Task InstallAsync(Predicate<JsonNode> leadsThere, string what, CancellationToken stop)
    {
        await installer.ApplyAsync(ManifestReader.Read(KubeTemplater.Manifests.Admission, "kubetemplater"), stop);
        var time = client.Options.TimeProvider;
        var start = time.GetTimestamp();
        while (!((JsonArray)(await client.GetAsync(Configurations, Key, stop)).ToJson()["webhooks"]!).All(webhook => leadsThere(webhook!["clientConfig"]!)))
        {
            if (time.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"KubeTemplater does not {what} into {Key.Name}");
            }

            await Task.Delay(Pause, time, stop);
        }
    }
}
