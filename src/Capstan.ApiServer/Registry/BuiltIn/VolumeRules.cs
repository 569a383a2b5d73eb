using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of PersistentVolume: its status tells since when it is in its phase.</summary>
internal sealed class VolumeRules(ResourceType type, Schema schema, bool hasStatus, TimeProvider clock) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = obj.At("metadata", "creationTimestamp")?.DeepClone() };
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        if (subresource != "status" || obj.GetOrAddMap("status") is not { } status)
        {
            return;
        }

        var (told, before) = (status.Text("lastPhaseTransitionTime"), old.Text("status", "lastPhaseTransitionTime"));
        if (status.Text("phase") != old.Text("status", "phase"))
        {
            if (told is null || told == before)
            {
                status["lastPhaseTransitionTime"] = KubeTime.Format(clock.GetUtcNow());
            }
        }
        else if (told is null && before is not null)
        {
            status["lastPhaseTransitionTime"] = before;
        }
    }
}
