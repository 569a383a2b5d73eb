namespace Capstan.Tool.Load.Work;

/// <summary>An operator's Deployment without replicas for a while, and whatever refuses templates meanwhile put aside; both come back with the end, also after a fault.</summary>
internal sealed class OperatorPause : IAsyncDisposable
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType Webhooks = new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);
    private static readonly ObjectKey Webhook = ObjectKey.ClusterScoped("kubetemplater-validating-webhook-configuration");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly KubeClient _client;
    private readonly ObjectKey _deployment;
    private readonly int _replicas;
    private readonly DynamicObject? _webhook;
    private bool _isOver;

    private OperatorPause(KubeClient client, ObjectKey deployment, int replicas, DynamicObject? webhook) =>
        (_client, _deployment, _replicas, _webhook) = (client, deployment, replicas, webhook);

    /// <summary>Returns when no pod is left.</summary>
    /// <exception cref="CannotRunException">There is no Deployment, or pods do not go.</exception>
    public static async Task<OperatorPause> BeginAsync(KubeClient client, string @namespace, TimeSpan patience, CancellationToken stop)
    {
        var selection = new ListOptions { Namespace = @namespace, LabelSelector = Measuring.ReplicaPages.Selector };
        var deployment = (await client.ListAsync(Deployments, selection, stop)).Items.FirstOrDefault()
            ?? throw new CannotRunException($"--before-start stops the operator's Deployment, and {@namespace} has none with label {Measuring.ReplicaPages.Selector}");
        var pause = new OperatorPause(client, deployment.Key, (int?)deployment.ToJson()["spec"]?["replicas"] ?? 1, await client.FindAsync(Webhooks, Webhook, stop));
        try
        {
            // Nobody would answer it.
            if (pause._webhook is not null)
            {
                await client.DeleteAsync(Webhooks, Webhook, cancellationToken: stop);
            }

            await client.ScaleAsync(Deployments, deployment.Key, 0, stop);
            var start = client.Options.TimeProvider.GetTimestamp();
            while ((await client.ListAsync(Pods, selection, stop)).Items.Count > 0)
            {
                if (client.Options.TimeProvider.GetElapsedTime(start) > patience)
                {
                    throw new CannotRunException($"pods of {deployment.Key} are still there after {patience.TotalSeconds:0} s");
                }

                await Task.Delay(Pause, client.Options.TimeProvider, stop);
            }

            return pause;
        }
        catch
        {
            await pause.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the replicas come back.</summary>
    public async Task EndAsync(CancellationToken stop)
    {
        await _client.ScaleAsync(Deployments, _deployment, _replicas, stop);
        if (_webhook is not null && await _client.FindAsync(Webhooks, Webhook, stop) is null)
        {
            var json = _webhook.ToJson();
            foreach (var own in (string[])["resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"])
            {
                json["metadata"]!.AsObject().Remove(own);
            }

            await _client.CreateAsync(Webhooks, DynamicObject.From(json), cancellationToken: stop);
        }

        _isOver = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_isOver)
        {
            await EndAsync(CancellationToken.None);
        }
    }
}
