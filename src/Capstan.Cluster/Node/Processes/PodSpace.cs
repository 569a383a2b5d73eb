using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Processes;

/// <summary>What the processes of one pod share: its volumes, kept as their objects are, and the way to the API server.</summary>
internal sealed class PodSpace(PodRecord pod, VolumeOwner owner, PodVolumes volumes, PodDirectories directories, KubeClient client, ILogger logger) : IAsyncDisposable
{
    private const string AccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _once = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<string, string>? _made;
    private Task _refreshing = Task.CompletedTask;

    /// <summary>File for clients; null if the pod has no account mounted.</summary>
    public string? Kubeconfig { get; private set; }

    /// <summary>Makes it all be there, the first time.</summary>
    /// <returns>Names of the volumes, and their directories.</returns>
    /// <exception cref="VolumeException">One cannot be had.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken);
        try
        {
            if (_made is null)
            {
                Permissions.MakePrivate(directories.OfPod(pod.Uid), owner.User);
                if (owner.IsShared)
                {
                    Permissions.MakePassable(directories.OfPod(pod.Uid));
                }

                _made = await volumes.PrepareAsync(pod, owner, cancellationToken);
                WriteKubeconfig(_made);
                _refreshing = RefreshAsync();
            }

            return _made;
        }
        finally
        {
            _once.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RefreshAsync()
    {
        while (true)
        {
            await Task.Delay(Refresh, client.Options.TimeProvider, _stop.Token);
            try
            {
                await volumes.RefreshAsync(pod, owner, _stop.Token);
            }
            catch (Exception fault) when (!_stop.IsCancellationRequested)
            {
                // The old files stay, as they do where a kubelet cannot read an object.
                if (fault is not (VolumeException or IOException) && !StatusPublisher.IsPassing(fault))
                {
                    Log.RefreshFailed(logger, pod.Key.ToString(), fault);
                }
            }
        }
    }

    /// <summary>Clients that look for a file find the same that others find in the pod.</summary>
    private void WriteKubeconfig(Dictionary<string, string> made)
    {
        var mount = pod.AllContainers.SelectMany(container => container.Spec.VolumeMounts ?? []).FirstOrDefault(mount => mount.MountPath.TrimEnd('/') == AccountPath);
        if (mount is null || !made.TryGetValue(mount.Name, out var directory))
        {
            return;
        }

        var cluster = new JsonObject { ["server"] = client.Config.Server.ToString() };
        if (client.Config.CertificateAuthority is { } authority)
        {
            cluster["certificate-authority-data"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authority));
        }
        else if (client.Config.CertificateAuthorityFile is { } file)
        {
            cluster["certificate-authority"] = Path.GetFullPath(file);
        }

        if (client.Config.InsecureSkipTlsVerify)
        {
            cluster["insecure-skip-tls-verify"] = true;
        }

        if (client.Config.TlsServerName is { } name)
        {
            cluster["tls-server-name"] = name;
        }

        var config = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = "pod",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "pod", ["cluster"] = cluster }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "pod", ["user"] = new JsonObject { ["tokenFile"] = Path.Combine(directory, "token") } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "pod", ["context"] = new JsonObject { ["cluster"] = "pod", ["user"] = "pod", ["namespace"] = pod.Key.Namespace } }),
        };
        var path = Path.Combine(directories.OfPod(pod.Uid), "kubeconfig");
        File.WriteAllText(path, config.ToJsonString());
        owner.OwnContent(path, isDirectory: false);
        Kubeconfig = path;
    }
}
