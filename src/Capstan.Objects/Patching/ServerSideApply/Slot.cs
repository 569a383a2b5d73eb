using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>A place in one of two objects: a value, which may be null, or nothing at all.</summary>
internal readonly record struct Slot(bool IsThere, JsonNode? Value)
{
    public static readonly Slot Nothing = new(false, null);

    public JsonObject? Map => Value as JsonObject;

    public JsonArray? List => Value as JsonArray;

    public static Slot Of(JsonNode? value) => new(true, value);

    public static Slot At(JsonObject? map, string name) => map is not null && map.TryGetPropertyValue(name, out var value) ? Of(value) : Nothing;

    /// <summary>The one form that this value has, if the type allows it; else all that the type allows.</summary>
    public MergeForms FormsIn(MergeType type)
    {
        if (!IsThere) return type.Forms;
        var form = Value?.GetValueKind() switch
        {
            null or JsonValueKind.Null => MergeForms.None,
            JsonValueKind.Object => MergeForms.Map,
            JsonValueKind.Array => MergeForms.List,
            _ => MergeForms.Scalar,
        };
        return (type.Forms & form) != 0 ? form : type.Forms;
    }
}
