using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Tool.Doctor;

/// <summary>The way from the API server to the operator's webhooks: configuration, authority, Service, and an answer.</summary>
internal sealed class WebhookLook(KubeClient client, Installation installation)
{
    private static readonly ResourceType[] Configurations =
    [
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false),
        new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Namespaced: false),
    ];

    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);
    private static readonly ResourceType Slices = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(7);

    private string Subject => $"{installation.Known.Name} webhooks";

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var webhooks = await FindAsync(stop);
        if (webhooks.Count == 0)
        {
            yield return Diagnosis.Warn(
                Subject, $"no webhook configuration leads to namespace {installation.Namespace}: what breaks a rule is stored, and refused when it is processed", $"kubectl apply -f operators/{installation.Known.Folder}/deploy/webhook.yaml, or webhook.enabled=true in the chart");
            yield break;
        }

        foreach (var (configuration, webhook) in webhooks)
        {
            var subject = $"{configuration.Kind} {configuration.Key.Name}, {webhook["name"]}";
            yield return JudgeAuthority(subject, (string?)webhook["clientConfig"]!["caBundle"]);
        }

        foreach (var service in webhooks.Select(found => new ObjectKey(installation.Namespace, (string)found.Webhook["clientConfig"]!["service"]!["name"]!)).Distinct())
        {
            yield return await JudgeServiceAsync(service, stop);
        }

        yield return await JudgeAnswerAsync(stop);
    }

    private async Task<List<(DynamicObject Configuration, JsonNode Webhook)>> FindAsync(CancellationToken stop)
    {
        var found = new List<(DynamicObject, JsonNode)>();
        foreach (var type in Configurations)
        {
            await foreach (var configuration in client.EnumerateAsync(type, cancellationToken: stop))
            {
                found.AddRange(
                    from webhook in configuration.ToJson()["webhooks"] as JsonArray ?? []
                    where (string?)webhook!["clientConfig"]?["service"]?["namespace"] == installation.Namespace
                    where (webhook["rules"] as JsonArray ?? []).Any(rule => (rule!["apiGroups"] as JsonArray ?? []).Any(api => (string?)api == installation.Known.ApiGroup))
                    select (configuration, webhook));
            }
        }

        return found;
    }

    /// <summary>A sample of the operator's kind that the webhook is asked about.</summary>
    private DynamicObject Probe()
    {
        var json = installation.Known.Sample.ToJson();
        json["metadata"] = new JsonObject { ["name"] = "capstan-doctor", ["namespace"] = installation.Namespace };
        return DynamicObject.From(json);
    }

    private Diagnosis JudgeAuthority(string subject, string? bundle)
    {
        if (string.IsNullOrEmpty(bundle))
        {
            return Diagnosis.Wrong(subject, "has no caBundle: API servers do not trust the operator, and refuse what they would ask it about", "the operator writes it when it runs and may patch the configuration; with certificates of cert-manager, its CA injector does");
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException)
        {
            return Diagnosis.Wrong(subject, $"has a caBundle that cannot be read: {fault.Message}", "remove it (kubectl edit): the operator writes it anew");
        }

        if (certificates.Count == 0)
        {
            return Diagnosis.Wrong(subject, "has a caBundle without a certificate", "remove it (kubectl edit): the operator writes it anew");
        }

        var now = client.Options.TimeProvider.GetUtcNow();
        var last = certificates.Max(certificate => new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        return last < now
            ? Diagnosis.Wrong(subject, $"trusts no certificate any more: the last ended {last:u}", "see the operator's logs: it renews its authority by itself; another's has to be renewed there")
            : last < now + SoonOver
                ? Diagnosis.Warn(subject, $"trusts nothing after {last:u}", "see the operator's logs: it renews its authority long before")
                : Diagnosis.Fine(subject, $"trusts {(certificates.Count == 1 ? "one authority" : $"{certificates.Count} authorities")}, to {last:u}");
    }

    private async Task<Diagnosis> JudgeServiceAsync(ObjectKey service, CancellationToken stop)
    {
        var subject = $"Service {service}";
        if (await client.FindAsync(Services, service, stop) is null)
        {
            return Diagnosis.Wrong(subject, "is not there, and webhooks lead to it", $"kubectl apply -f operators/{installation.Known.Folder}/deploy/webhook.yaml");
        }

        var slices = await client.ListAsync(Slices, new ListOptions { Namespace = service.Namespace, LabelSelector = $"kubernetes.io/service-name={service.Name}" }, stop);
        var ready = slices.Items.SelectMany(slice => slice.ToJson()["endpoints"] as JsonArray ?? []).Count(endpoint => (bool?)endpoint!["conditions"]?["ready"] != false);
        return ready == 0
            ? Diagnosis.Wrong(subject, "has no endpoint that is ready", "its selector must match the operator's pods, and one of them be ready")
            : Diagnosis.Fine(subject, $"leads to {ready} ready {(ready == 1 ? "endpoint" : "endpoints")}");
    }

    /// <summary>Only the API server can tell whether it reaches the operator: it is asked to pretend.</summary>
    private async Task<Diagnosis> JudgeAnswerAsync(CancellationToken stop)
    {
        var probe = Probe();
        try
        {
            await client.CreateAsync(await client.Discovery.GetAsync(probe.GroupVersionKind, stop), probe, new WriteOptions { DryRun = true, FieldManager = "capstan-doctor" }, stop);
            return Diagnosis.Fine(Subject, $"a {probe.Kind} would be stored");
        }
        catch (ApiException refused) when (refused.Status.Message?.Contains("failed calling webhook", StringComparison.Ordinal) == true)
        {
            return Diagnosis.Wrong(
                Subject,
                refused.Status.Message,
                "connection refused or timeout: a NetworkPolicy or firewall between API server and port 9443 of the pods, or no pod is ready; certificate: see the caBundle above");
        }
        catch (ApiException refused) when (refused.Code != (int)HttpStatusCode.Forbidden || refused.Status.Message?.Contains("admission webhook", StringComparison.Ordinal) == true)
        {
            return Diagnosis.Fine(Subject, $"a {probe.Kind} was judged: {refused.Status.Message}");
        }
    }
}
