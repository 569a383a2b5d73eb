using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Rules of Pod.</summary>
internal sealed class PodRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["spec.nodeName"] = ["spec", "nodeName"],
        ["spec.restartPolicy"] = ["spec", "restartPolicy"],
        ["spec.schedulerName"] = ["spec", "schedulerName"],
        ["spec.serviceAccountName"] = ["spec", "serviceAccountName"],
        ["spec.hostNetwork"] = ["spec", "hostNetwork"],
        ["status.phase"] = ["status", "phase"],
        ["status.podIP"] = ["status", "podIP"],
        ["status.nominatedNodeName"] = ["status", "nominatedNodeName"],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields { get; } = [.. Fields.Keys];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field)
    {
        if (!Fields.TryGetValue(field, out var path))
        {
            return base.FieldValue(obj, field);
        }

        return field switch
        {
            "spec.hostNetwork" => obj.Flag(path) == true ? "true" : "false",
            "status.podIP" => obj.Items("status", "podIPs").FirstOrDefault().Text("ip") ?? obj.Text(path) ?? "",
            _ => obj.Text(path) ?? "",
        };
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.Of(obj) };
        if (obj.Items("spec", "schedulingGates").Count > 0)
        {
            obj["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }
    }

    /// <inheritdoc/>
    public override long? GracePeriod(JsonObject obj, long? requested)
    {
        var period = requested ?? obj.Number("spec", "terminationGracePeriodSeconds") ?? 0;

        // Nothing has begun on a node that would need time to end.
        return string.IsNullOrEmpty(obj.Text("spec", "nodeName")) || obj.Text("status", "phase") is "Failed" or "Succeeded" ? 0 : Math.Max(period, 0);
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj) => PodDefaults.ApplyToPod(obj.Map("spec"));

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => PodValidation.CheckPod(obj, errors);

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors) => ValidateKindUpdate(obj, old, errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        PodValidation.CheckPod(obj, errors);
        PodUpdateValidation.Check(obj, old, errors);
    }
}
