using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Where a webhook is, and what its certificate must be signed by. Two that are equal share their connections.</summary>
/// <param name="Url">The address, with the service as its host where there is one.</param>
/// <param name="Service">The service that it is reached by; null where the address says all.</param>
/// <param name="CaBundle">Certificates in PEM, in base64; empty: those that the machine trusts.</param>
internal sealed record WebhookClientConfig(string Url, WebhookService? Service, string CaBundle)
{
    public static WebhookClientConfig Read(JsonNode? config)
    {
        var authorities = config.Text("caBundle") ?? "";
        if (config.Map("service") is not { } service)
        {
            return new(config.Text("url") ?? "", null, authorities);
        }

        var at = new WebhookService(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Number("port") ?? 443));
        return new(string.Create(CultureInfo.InvariantCulture, $"https://{at.Host}:{at.Port}{Rooted(service.Text("path") ?? "")}"), at, authorities);
    }

    private static string Rooted(string path) => path.StartsWith('/') ? path : "/" + path;
}

/// <summary>A port of a Service.</summary>
internal sealed record WebhookService(string Namespace, string Name, int Port)
{
    /// <summary>The name that the certificate must have.</summary>
    public string Host => $"{Name}.{Namespace}.svc";
}
