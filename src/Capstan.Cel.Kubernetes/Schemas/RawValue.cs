using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>Values of JSON before a schema gives them types.</summary>
internal static class RawValue
{
    /// <summary>Go's name of the type that the value would have there.</summary>
    public static string GoType(in CelValue value) => value.Kind switch
    {
        CelKind.Bool => "bool",
        CelKind.Int => "int64",
        CelKind.Double => "float64",
        CelKind.String => "string",
        CelKind.List => "[]interface {}",
        CelKind.Map => "map[string]interface {}",
        _ => value.TypeName,
    };

    /// <summary>The value of JSON behind one that was read by a schema.</summary>
    public static CelValue Behind(in CelValue value) => value.Kind switch
    {
        CelKind.Map when !value.IsJson && value.Map is SchemaMap map => map.Raw,
        CelKind.List when !value.IsJson && value.List is SchemaList list => CelValue.Of(list.Raw),
        CelKind.Object when value.Object is UnknownValue unknown => unknown.Raw,
        _ => value,
    };

    /// <summary>The object that a node is; null when it is none, or has a name twice or one that is no text, which makes looking into it throw.</summary>
    public static JsonObject? Fields(JsonNode? node)
    {
        try
        {
            var fields = node as JsonObject;

            // Counting does not read the names, looking one up does.
            fields?.ContainsKey("");
            return fields;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
