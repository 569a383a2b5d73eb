using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>The name of a property as an identifier, and back.</summary>
internal static class Escaping
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var (name, identifier) = ((string?)fact["unescaped"], (string?)fact["escaped"]);
        if (name is not null && (fact["unescapable"] is not null || identifier is not null) && FieldNameEscaping.Escape(name) is var escaped && escaped != identifier)
        {
            return $"is escaped as '{escaped}'";
        }

        if (identifier is not null && FieldNameEscaping.Unescape(identifier) is var unescaped && unescaped != name)
        {
            return $"'{identifier}' is unescaped as '{unescaped}'";
        }

        return null;
    }
}
