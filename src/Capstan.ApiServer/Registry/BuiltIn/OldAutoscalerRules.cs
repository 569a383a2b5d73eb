using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of HorizontalPodAutoscaler in version 1, which knows one metric: the use of CPU. Objects are stored in version 2;
/// what version 1 has no field for is shown there in annotations, and read from them.</summary>
internal sealed class OldAutoscalerRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";
    private const int DefaultUtilization = 80;
    private static readonly string[] Annotations = ["metrics", "behavior", "current-metrics", "conditions"];
    private static readonly Schema Newer = BuiltInKinds.SchemaOf(new("autoscaling", "v2", "HorizontalPodAutoscaler"))!;
    private static readonly Schema Behavior = Newer.Field("spec")!.Field("behavior")!;

    /// <inheritdoc/>
    public override void FromStorage(JsonObject stored)
    {
        var metrics = stored.Items("spec", "metrics").Select(m => m?.DeepClone()).ToList();
        var cpu = metrics.FirstOrDefault(IsUtilization);
        if (stored.Map("spec") is { } spec)
        {
            Move(spec, "metrics", stored, "metrics", [.. metrics.Where(m => !IsUtilization(m)).Select(AutoscalerMetrics.ToOld)]);
            if (spec["behavior"] is { } behavior)
            {
                spec.Remove("behavior");
                Annotate(stored, "behavior", InternalForm.Of(behavior, Behavior));
            }

            if (cpu.At("resource", "target", "averageUtilization") is { } target)
            {
                spec["targetCPUUtilizationPercentage"] = target.DeepClone();
            }
        }

        if (stored.Map("status") is not { } status)
        {
            return;
        }

        var current = status.Items("currentMetrics").Select(m => m?.DeepClone()).ToList();
        Move(status, "currentMetrics", stored, "current-metrics", [.. current.Select(AutoscalerMetrics.StatusToOld)]);
        Move(status, "conditions", stored, "conditions", [.. status.Items("conditions").Select(c => c?.DeepClone())]);
        status.SetDefault("currentReplicas", 0);
        if (current.LastOrDefault(m => m.Text("type") == "Resource" && m.Text("resource", "name") == "cpu").At("resource", "current", "averageUtilization") is { } used)
        {
            status["currentCPUUtilizationPercentage"] = used.DeepClone();
        }
    }

    /// <inheritdoc/>
    public override void ToStorage(JsonObject obj)
    {
        if (obj.GetOrAddMap("spec") is { } spec)
        {
            List<JsonNode?> metrics = [.. Annotated(obj, "metrics").Items("items").Select(AutoscalerMetrics.FromOld)];
            var target = spec["targetCPUUtilizationPercentage"]?.DeepClone();
            spec.Remove("targetCPUUtilizationPercentage");
            if (target is not null || metrics.Count == 0)
            {
                metrics.Add(new JsonObject
                {
                    ["type"] = "Resource",
                    ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target ?? DefaultUtilization } },
                });
            }

            spec["metrics"] = new JsonArray([.. metrics]);
            if (Annotated(obj, "behavior").Map("items") is { Count: > 0 } behavior)
            {
                spec["behavior"] = AutoscalerMetrics.LowerCamel(behavior);
            }
        }

        if (obj.Map("status") is { } status)
        {
            status.Remove("currentCPUUtilizationPercentage");
            if (Annotated(obj, "conditions").Items("items") is { Count: > 0 } conditions)
            {
                status["conditions"] = new JsonArray([.. conditions.Select(c => c?.DeepClone())]);
            }

            status["currentMetrics"] = Annotated(obj, "current-metrics").Items("items") is { Count: > 0 } current ? new JsonArray([.. current.Select(AutoscalerMetrics.StatusFromOld)]) : null;
        }

        foreach (var name in Annotations)
        {
            obj.Map("metadata", "annotations")?.Remove(Prefix + name);
        }

        if (obj.Map("metadata", "annotations") is { Count: 0 })
        {
            obj.Map("metadata")!.Remove("annotations");
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj) => obj.Map("spec")?.SetDefault("minReplicas", 1);

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => AutoscalerChecks.Autoscaler.Check(new(InNewer(obj), "", Newer, errors));

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) =>
        AutoscalerChecks.Autoscaler.Update!(new(InNewer(obj), "", Newer, errors), InNewer(old));

    private JsonObject InNewer(JsonObject obj)
    {
        var clone = obj.DeepClone().AsObject();
        ToStorage(clone);
        return clone;
    }

    private static bool IsUtilization(JsonNode? metric) =>
        metric.Text("type") == "Resource" && metric.Text("resource", "name") == "cpu" && metric.At("resource", "target", "averageUtilization") is not null;

    private static void Move(JsonObject from, string field, JsonObject obj, string name, JsonArray items)
    {
        from.Remove(field);
        if (items.Count > 0)
        {
            Annotate(obj, name, items.ToJsonString());
        }
    }

    private static void Annotate(JsonObject obj, string name, string text) => obj.GetOrAddMap("metadata")!.GetOrAddMap("annotations")![Prefix + name] = text;

    // What is no JSON says nothing.
    private static JsonObject? Annotated(JsonObject obj, string name)
    {
        if (obj.Text("metadata", "annotations", Prefix + name) is not { } text)
        {
            return null;
        }

        try
        {
            return new JsonObject { ["items"] = JsonNode.Parse(text) };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
