using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using Capstan.Cluster.Manifests;

namespace Capstan.Tool.Local.Operators;

/// <summary>Has the API server ask an operator before it stores objects of its kinds.</summary>
/// <param name="known">The operator.</param>
/// <param name="client">An administrator's.</param>
/// <param name="installer">Applies manifests.</param>
internal sealed class AdmissionInstall(LocalOperator known, KubeClient client, ManifestInstaller installer)
{
    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<DynamicObject> _manifests = [.. known.Read(known.Admission)];

    /// <summary>Kinds and names of the configurations.</summary>
    public IEnumerable<(ResourceType Type, ObjectKey Key)> Configurations =>
        from manifest in _manifests
        where manifest.Kind.EndsWith("WebhookConfiguration", StringComparison.Ordinal)
        select (new ResourceType("admissionregistration.k8s.io", "v1", manifest.Kind, $"{manifest.Kind.ToLowerInvariant()}s", Namespaced: false), manifest.Key);

    /// <summary>Returns once the API server can reach the operator in this process.</summary>
    /// <exception cref="TimeoutException">The operator does not take a configuration over.</exception>
    public Task InstallAsync(Operator inProcess, CancellationToken stop) => InstallAsync(
        client => (string?)client["url"] is { } url && new Uri(url).Port == inProcess.WebhookPort, "write its address", stop);

    /// <summary>Returns once the API server can reach the operator's pods by their Service, which have put their certificate's authority there.</summary>
    /// <exception cref="TimeoutException">The operator does not take a configuration over.</exception>
    public Task InstallForPodsAsync(CancellationToken stop) => InstallAsync(
        client => client["service"] is not null && !string.IsNullOrEmpty((string?)client["caBundle"]), "write its authority", stop);

    /// <summary>Returns once the operator answers at the address of the Service: pods that are ready are behind it a moment later, and those of a run that was killed seem to be.</summary>
    /// <exception cref="TimeoutException">Nobody does.</exception>
    public async Task AnswersAsync(CancellationToken stop)
    {
        var service = (await client.GetAsync(Services, _manifests.Single(manifest => manifest.Kind == Services.Kind).Key, stop)).ToJson();
        var (address, port) = ((string)service["spec"]!["clusterIP"]!, (int)service["spec"]!["ports"]![0]!["port"]!);
        var time = client.Options.TimeProvider;
        for (var start = time.GetTimestamp(); ; await Task.Delay(Pause, time, stop))
        {
            try
            {
                // Whose certificate it is, the API server looks at; here it counts that there is one.
                using var connection = new TcpClient();
                await connection.ConnectAsync(address, port, stop);
                await using var greeting = new SslStream(connection.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
                await greeting.AuthenticateAsClientAsync(address).WaitAsync(Patience, time, stop);
                return;
            }
            catch (Exception fault) when (fault is SocketException or IOException or AuthenticationException or TimeoutException)
            {
                if (time.GetElapsedTime(start) > Patience)
                {
                    throw new TimeoutException($"the webhooks of {known.Name} are not answered at {address}:{port}: {fault.Message}", fault);
                }
            }
        }
    }

    private async Task InstallAsync(Predicate<JsonNode> leadsThere, string what, CancellationToken stop)
    {
        await installer.ApplyAsync(_manifests, stop);
        var wait = new ObjectWait(client);
        foreach (var (type, key) in Configurations)
        {
            if (!await wait.UntilAsync(type, key, found => ((JsonArray)found["webhooks"]!).All(webhook => leadsThere(webhook!["clientConfig"]!)), Patience, stop))
            {
                throw new TimeoutException($"{known.Name} does not {what} into {key.Name}");
            }
        }
    }
}
