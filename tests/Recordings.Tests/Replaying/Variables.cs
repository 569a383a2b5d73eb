using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recordings.Tests.Replaying;

/// <summary>What <c>${name}</c> stands for.</summary>
internal sealed partial class Variables
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public string this[string name] { set => _values[name] = value; }

    /// <summary>Keeps what was captured, as Python's <c>str</c> tells it.</summary>
    public void Capture(string name, JsonNode? value) => _values[name] = value?.GetValueKind() switch
    {
        null => "None",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => value.ToString(),
    };

    public string Fill(string text) => Reference().Replace(text, match => _values.GetValueOrDefault(match.Groups[1].Value, match.Value));

    public JsonObject Fill(JsonObject node) => (JsonObject)Fill((JsonNode)node)!;

    public JsonNode? Fill(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                var filled = new JsonObject();
                foreach (var (name, value) in members)
                {
                    filled[Fill(name)] = Fill(value);
                }

                return filled;
            case JsonArray items:
                return new JsonArray([.. items.Select(Fill)]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(Fill(value.GetValue<string>()));
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>Whole seconds of a step, or what stands when it says none.</summary>
    public static TimeSpan Seconds(JsonObject step, int otherwise) =>
        TimeSpan.FromSeconds(step["seconds"] is { } seconds ? double.Parse(seconds.ToJsonString(), CultureInfo.InvariantCulture) : otherwise);

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Reference();
}
