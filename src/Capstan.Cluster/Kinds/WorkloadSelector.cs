using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Capstan.Selectors;

namespace Capstan.Cluster.Kinds;

/// <summary>Writes a selector of labels as it came, and reads it once.</summary>
[JsonConverter(typeof(WorkloadSelectorConverter))]
internal sealed class WorkloadSelector(JsonObject written)
{
    public JsonObject Written { get; } = written;

    public LabelSelector Selector { get; } = LabelSelector.From(written);
}

internal sealed class WorkloadSelectorConverter : JsonConverter<WorkloadSelector>
{
    public override WorkloadSelector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonNode.Parse(ref reader)!.AsObject());

    public override void Write(Utf8JsonWriter writer, WorkloadSelector value, JsonSerializerOptions options) => value.Written.WriteTo(writer, options);
}
