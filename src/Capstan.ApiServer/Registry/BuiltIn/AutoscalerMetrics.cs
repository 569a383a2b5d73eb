using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Turns the metrics of autoscalers from the form of version 2 into that of version 1, where they stand in annotations, and back.</summary>
internal static class AutoscalerMetrics
{
    // For each kind of metric: its field, and pairs of a place in version 2 and a field in version 1.
    private static readonly Dictionary<string, (string Field, (string[] Newer, string Older)[] Fields)> Sources = new()
    {
        ["Object"] = ("object", [(["describedObject"], "target"), (["metric", "name"], "metricName"), (["metric", "selector"], "selector"), (["target", "value"], "targetValue"), (["target", "averageValue"], "averageValue")]),
        ["Pods"] = ("pods", [(["metric", "name"], "metricName"), (["metric", "selector"], "selector"), (["target", "averageValue"], "targetAverageValue")]),
        ["Resource"] = ("resource", [(["name"], "name"), (["target", "averageUtilization"], "targetAverageUtilization"), (["target", "averageValue"], "targetAverageValue")]),
        ["ContainerResource"] = ("containerResource",
            [(["name"], "name"), (["container"], "container"), (["target", "averageUtilization"], "targetAverageUtilization"), (["target", "averageValue"], "targetAverageValue")]),
        ["External"] = ("external", [(["metric", "name"], "metricName"), (["metric", "selector"], "metricSelector"), (["target", "value"], "targetValue"), (["target", "averageValue"], "targetAverageValue")]),
    };

    private static readonly Dictionary<string, (string Field, (string[] Newer, string Older)[] Fields)> Statuses = new()
    {
        ["Object"] = ("object", [(["describedObject"], "target"), (["metric", "name"], "metricName"), (["metric", "selector"], "selector"), (["current", "value"], "currentValue"), (["current", "averageValue"], "averageValue")]),
        ["Pods"] = ("pods", [(["metric", "name"], "metricName"), (["metric", "selector"], "selector"), (["current", "averageValue"], "currentAverageValue")]),
        ["Resource"] = ("resource", [(["name"], "name"), (["current", "averageUtilization"], "currentAverageUtilization"), (["current", "averageValue"], "currentAverageValue")]),
        ["ContainerResource"] = ("containerResource",
            [(["name"], "name"), (["container"], "container"), (["current", "averageUtilization"], "currentAverageUtilization"), (["current", "averageValue"], "currentAverageValue")]),
        ["External"] = ("external", [(["metric", "name"], "metricName"), (["metric", "selector"], "metricSelector"), (["current", "value"], "currentValue"), (["current", "averageValue"], "currentAverageValue")]),
    };

    /// <summary>A metric of a spec, in version 1.</summary>
    public static JsonNode? ToOld(JsonNode? metric) => Old(metric, Sources);

    /// <summary>A metric of a status, in version 1.</summary>
    public static JsonNode? StatusToOld(JsonNode? metric) => Old(metric, Statuses);

    /// <summary>A metric of a status, in version 2.</summary>
    public static JsonNode? StatusFromOld(JsonNode? metric) => New(metric, Statuses);

    /// <summary>A metric of a spec, in version 2.</summary>
    public static JsonNode? FromOld(JsonNode? metric)
    {
        var newer = New(metric, Sources);
        if (Sources.TryGetValue(metric.Text("type") ?? "", out var source) && newer.Map(source.Field)?.GetOrAddMap("target") is { } target)
        {
            target["type"] = target["averageUtilization"] is not null ? "Utilization" : target["value"] is not null && (source.Field == "external" || target["averageValue"] is null) ? "Value" : "AverageValue";
        }

        return newer;
    }

    /// <summary>The same with names that begin with a small letter.</summary>
    public static JsonNode? LowerCamel(JsonNode? value) => value switch
    {
        JsonObject fields => new JsonObject(fields.Where(f => f.Value is not null && f.Key.Length > 0).Select(f => KeyValuePair.Create(char.ToLowerInvariant(f.Key[0]) + f.Key[1..], LowerCamel(f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(LowerCamel)]),
        _ => value?.DeepClone(),
    };

    private static JsonObject Old(JsonNode? metric, Dictionary<string, (string Field, (string[] Newer, string Older)[] Fields)> table)
    {
        var old = new JsonObject { ["type"] = metric.Text("type") ?? "" };
        if (table.TryGetValue(metric.Text("type") ?? "", out var source) && metric.At(source.Field) is { } given)
        {
            var fields = new JsonObject();
            foreach (var (newer, older) in source.Fields)
            {
                if (given.At(newer) is { } value)
                {
                    fields[older] = value.DeepClone();
                }
            }

            old[source.Field] = fields;
        }

        return old;
    }

    private static JsonObject New(JsonNode? metric, Dictionary<string, (string Field, (string[] Newer, string Older)[] Fields)> table)
    {
        var newer = new JsonObject { ["type"] = metric.Text("type") ?? "" };
        if (table.TryGetValue(metric.Text("type") ?? "", out var source) && metric.At(source.Field) is { } given)
        {
            var fields = new JsonObject();
            newer[source.Field] = fields;
            foreach (var (path, older) in source.Fields)
            {
                if (given.At(older) is { } value)
                {
                    (path.Length == 1 ? fields : fields.GetOrAddMap(path[0])!)[path[^1]] = value.DeepClone();
                }
            }
        }

        return newer;
    }
}
