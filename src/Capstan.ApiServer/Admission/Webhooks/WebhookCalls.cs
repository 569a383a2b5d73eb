using System.Collections.Concurrent;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Asks webhooks, each over connections that all requests share. Safe for any number of threads.</summary>
internal sealed class WebhookCalls(ServiceEndpoints services, TimeProvider clock)
{
    /// <summary>How long a request may take with all its webhooks.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(34);

    // More servers than any cluster has; the clients of configurations that are gone do not stay for ever.
    private const int MostClients = 200;

    private readonly ConcurrentDictionary<WebhookClientConfig, WebhookClient> _clients = new();

    /// <summary>Asks one webhook. The question is written before the first wait, so that several may be asked of one request at once.</summary>
    /// <exception cref="WebhookFailure">It could not be asked.</exception>
    /// <exception cref="ApiError">It may not be asked, or no time is left.</exception>
    public Task<WebhookAnswer> AskAsync(Webhook webhook, AdmissionRequest request, ServedResource served, bool isMutating)
    {
        if (request.DryRun && webhook.HasSideEffects)
        {
            throw WebhookRefusal.NoDryRun(webhook.Name);
        }

        var version = webhook.ReviewVersion
            ?? throw new WebhookFailure("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)");
        var uid = Guid.NewGuid().ToString();
        return AskAsync(webhook, AdmissionReview.Write(request, served, version, uid), version, uid, isMutating, request.Write);
    }

    private async Task<WebhookAnswer> AskAsync(Webhook webhook, byte[] review, string version, string uid, bool isMutating, WriteRequest write)
    {
        var left = MostPatience - clock.GetElapsedTime(write.Started);
        if (left <= TimeSpan.Zero)
        {
            throw WebhookRefusal.TimedOut();
        }

        var body = await ClientOf(webhook.Client).PostAsync(review, left < webhook.Timeout ? left : webhook.Timeout, write.Cancellation);
        return AdmissionReview.Read(body, version, uid, isMutating);
    }

    private WebhookClient ClientOf(WebhookClientConfig config)
    {
        if (_clients.Count >= MostClients && !_clients.ContainsKey(config))
        {
            _clients.Clear();
        }

        return _clients.GetOrAdd(config, c => new WebhookClient(c, services));
    }
}
