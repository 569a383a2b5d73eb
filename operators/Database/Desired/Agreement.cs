using System.Text.Json.Nodes;
using Capstan;

namespace Databases.Desired;

/// <summary>Whether an object is as it is wanted: then nothing is sent, also after the operator was restarted.</summary>
internal static class Agreement
{
    /// <summary>Whether every field of the manifest has its value in the object; what else the object has, defaults and other people's fields, does not matter.</summary>
    public static bool Holds(DynamicObject live, JsonObject manifest) => Holds(live.ToJson(), manifest);

    private static bool Holds(JsonNode? live, JsonNode? wanted) => wanted switch
    {
        JsonObject fields => live is JsonObject has && fields.All(field => Holds(has[field.Key], field.Value)),
        JsonArray items => live is JsonArray has && has.Count == items.Count && items.Zip(has).All(pair => Holds(pair.Second, pair.First)),
        _ => JsonNode.DeepEquals(live, wanted),
    };
}
