using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cel.Documents;

/// <summary>Nodes that can be read only as the text that they would be written as: times, decimals, enums, objects of a program.</summary>
internal static class JsonNodeText
{
    public static CelValue Read(JsonNode node)
    {
        try
        {
            using var document = JsonDocument.Parse(node.ToJsonString());
            return CelValue.Of(document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            return Unreadable(e);
        }
    }

    /// <summary>What stands in the place of a node that cannot be read: an error, so that no rule takes it for empty.</summary>
    public static CelValue Unreadable(Exception cause) => CelValue.Failure($"JSON cannot be read: {cause.Message}");
}
