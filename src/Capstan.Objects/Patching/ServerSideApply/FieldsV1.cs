using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>The wire form of a set of fields (meta/v1 FieldsV1): nested objects whose names are steps; <c>"."</c> marks a node that is a member itself.</summary>
internal static class FieldsV1
{
    /// <exception cref="FormatException">It is not the wire form.</exception>
    public static FieldSet Read(JsonNode? fields) => fields switch
    {
        null => FieldSet.Empty,
        JsonObject map => Read(map).Below,
        _ => throw new FormatException("fieldsV1 must be an object"),
    };

    public static JsonObject Write(FieldSet set)
    {
        var fields = new JsonObject();
        foreach (var node in set.Nodes)
        {
            var below = Write(node.Below);
            if (node.IsMember && !node.Below.IsEmpty) below.Insert(0, ".", new JsonObject());
            fields.Add(node.Element.Write(), below);
        }

        return fields;
    }

    private static (bool IsMember, FieldSet Below) Read(JsonObject fields)
    {
        var isMember = false;
        var nodes = new List<FieldSet.Node>(fields.Count);
        foreach (var (name, value) in fields)
        {
            if (name == ".")
            {
                isMember = true;
            }
            else if (PathElement.Parse(name) is { } element)
            {
                var (isNodeMember, below) = value switch
                {
                    JsonObject map => Read(map),
                    null => (true, FieldSet.Empty),
                    _ => throw new FormatException($"the fields below {name} must be an object, not {value.GetValueKind().ToString().ToLowerInvariant()}"),
                };
                nodes.Add(new(element, isNodeMember, below));
            }
        }

        // Nothing below: the step itself is what is owned.
        return (isMember || nodes.Count == 0, FieldSet.Of(nodes));
    }
}
