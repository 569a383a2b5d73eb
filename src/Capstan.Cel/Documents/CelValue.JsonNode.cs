using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    /// <summary>
    /// A node as a value, read where it is: nothing is copied, and what nobody asks for is not looked at. Numbers written without <c>.</c> and
    /// <c>e</c> are int, others double; those made of a .NET value have its type. The node must not change as long as the value is used.
    /// </summary>
    /// <param name="node">The node; null is <c>null</c>.</param>
    public static CelValue Of(JsonNode? node) => node switch
    {
        null => Null,
        JsonObject map => Of(new JsonNodeMap(map)),
        JsonArray list => Of(new JsonNodeList(list)),
        _ => Of((JsonValue)node),
    };

    private static CelValue Of(JsonValue value)
    {
        if (value.TryGetValue<JsonElement>(out var element))
        {
            return Of(element);
        }

        // The kind first: asking a number whether it is a string makes garbage.
        switch (value.GetValueKind())
        {
            case JsonValueKind.True: return True;
            case JsonValueKind.False: return False;
            case JsonValueKind.String when value.TryGetValue<string>(out var text): return Of(text);
            case JsonValueKind.Number when value.TryGetValue<int>(out var number): return Of((long)number);
            case JsonValueKind.Number when value.TryGetValue<long>(out var number): return Of(number);
            case JsonValueKind.Number when value.TryGetValue<double>(out var number): return Of(number);
            case JsonValueKind.Number when value.TryGetValue<float>(out var number): return Of((double)number);
            default: return JsonNodeText.Read(value);
        }
    }
}
