using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Http;

/// <summary>Kinds of JSON values as Kubernetes' messages name them.</summary>
internal static class GoTypes
{
    public static string NameOf(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };
}
