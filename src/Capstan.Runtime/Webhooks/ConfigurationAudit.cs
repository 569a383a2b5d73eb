using System.Text.Json.Nodes;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>Tells, once each, of what is dangerous in a webhook configuration though it may be meant so.</summary>
internal sealed class ConfigurationAudit(string ownNamespace, ILogger logger)
{
    private const int MostTold = 1000;

    private readonly HashSet<(string Configuration, string Webhook, string Danger)> _told = [];

    public void Look(DynamicObject configuration)
    {
        foreach (var webhook in (configuration.ToJson()["webhooks"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = Text(webhook["name"]);
            if (Text(webhook["failurePolicy"]) == "Ignore")
            {
                if (IsNew(configuration, name, "Ignore"))
                {
                    Log.WebhookFailsOpen(logger, configuration.ToString(), name);
                }
            }
            else if (webhook["namespaceSelector"] is not JsonObject { Count: > 0 } && Needed(webhook) is { } resource && IsNew(configuration, name, resource))
            {
                Log.WebhookGuardsItself(logger, configuration.ToString(), name, resource, ownNamespace);
            }
        }
    }

    private bool IsNew(DynamicObject configuration, string webhook, string danger) =>
        _told.Count < MostTold && _told.Add((configuration.ToString(), webhook, danger));

    /// <summary>The first resource of its rules without which no replica can start.</summary>
    private static string? Needed(JsonObject webhook) =>
        (webhook["rules"] as JsonArray ?? [])
            .SelectMany(rule => rule?["resources"] as JsonArray ?? [])
            .Select(Text)
            .FirstOrDefault(resource => resource is "*" or "*/*" or "pods" or "secrets" or "leases" or "replicasets" or "deployments" or "serviceaccounts");

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
