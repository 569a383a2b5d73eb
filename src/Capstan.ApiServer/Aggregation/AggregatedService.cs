using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Aggregation;

/// <summary>What an APIService says whose version another server serves. Two that are equal share their connections.</summary>
/// <param name="Name">Of the APIService.</param>
/// <param name="Group">The group.</param>
/// <param name="Version">The version of it.</param>
/// <param name="Server">The Service behind which that server is.</param>
/// <param name="CaBundle">What its certificate must be signed by: PEM, in base64.</param>
/// <param name="Insecure">Whether its certificate is not looked at.</param>
internal sealed record AggregatedService(string Name, string Group, string Version, WebhookService Server, string CaBundle, bool Insecure)
{
    private const int DefaultPort = 443;

    /// <summary>Null for a version that this server serves itself.</summary>
    public static AggregatedService? Read(JsonObject apiService)
    {
        if (apiService.Map("spec", "service") is not { } service || apiService.Text("spec", "group") is not { Length: > 0 } group || apiService.Text("spec", "version") is not { Length: > 0 } version)
        {
            return null;
        }

        var server = new WebhookService(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Number("port") ?? DefaultPort));
        return new(apiService.Text("metadata", "name") ?? "", group, version, server, apiService.Text("spec", "caBundle") ?? "", apiService.Flag("spec", "insecureSkipTLSVerify") == true);
    }
}
