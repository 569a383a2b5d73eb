using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of ServiceAccount: its secrets are named, and nothing else is kept of the reference.</summary>
internal sealed class ServiceAccountRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <summary>The annotation by which the pods of an account may use its own secrets only.</summary>
    public const string EnforceMountable = "kubernetes.io/enforce-mountable-secrets";

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        KeepNames(obj);
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        KeepNames(obj);
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (obj.At("metadata", "annotations", EnforceMountable) is not null && old.At("metadata", "annotations", EnforceMountable) is null)
        {
            warnings.Add($"metadata.annotations[{EnforceMountable}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets");
        }
    }

    private static void KeepNames(JsonObject obj)
    {
        foreach (var reference in obj.Items("secrets").OfType<JsonObject>())
        {
            foreach (var field in reference.Select(f => f.Key).Where(f => f != "name").ToList())
            {
                reference.Remove(field);
            }
        }
    }
}
