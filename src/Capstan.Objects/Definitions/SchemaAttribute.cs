using Capstan.Schemas;

namespace Capstan;

/// <summary>What a CustomResourceDefinition says of a field beyond its C# type. <c>capstan manifests</c> writes it; nothing reads it at run time.</summary>
/// <remarks>Names and meanings are OpenAPI's and Kubernetes' (structural schemas). On a type it holds wherever the type is used; what a property says itself comes first.
/// A property that is not nullable and has no default is required. What is not given is not written.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public class SchemaAttribute : Attribute
{
    /// <summary>Replaces the type that follows from C#: <c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c> or <c>boolean</c>.</summary>
    public string? Type { get; set; }

    /// <summary>OpenAPI format, for example <c>ipv4</c>; replaces the one that follows from C#.</summary>
    public string? Format { get; set; }

    /// <summary>Text for <c>kubectl explain</c>. Default: the XML comment's summary.</summary>
    public string? Description { get; set; }

    /// <summary>Value that the API server fills in where the field is absent: a text, a number, a bool or a member of the field's enum.</summary>
    public object? Default { get; set; }

    /// <summary>As <see cref="Default"/>, for lists and objects: JSON.</summary>
    public string? DefaultJson { get; set; }

    /// <summary>The field may be absent although its C# type is not nullable. Default false.</summary>
    public bool Optional { get; set; }

    /// <summary>The field must be there although its C# type is nullable. Default false.</summary>
    public bool Required { get; set; }

    /// <summary>JSON null is a value that is kept, rather than absence. Default false.</summary>
    public bool Nullable { get; set; }

    /// <summary>Allowed texts. Default: any, or the members of a C# enum.</summary>
    public string[]? Enum { get; set; }

    /// <summary>Regular expression (RE2, found anywhere) that a text must match.</summary>
    public string? Pattern { get; set; }

    /// <summary>Least number of characters. Default -1: no bound.</summary>
    public long MinLength { get; set; } = -1;

    /// <summary>Greatest number of characters. Default -1: no bound.</summary>
    public long MaxLength { get; set; } = -1;

    /// <summary>Least value. Default NaN: no bound.</summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>Greatest value. Default NaN: no bound.</summary>
    public double Maximum { get; set; } = double.NaN;

    /// <summary>Whether <see cref="Minimum"/> itself is refused. Default false.</summary>
    public bool ExclusiveMinimum { get; set; }

    /// <summary>Whether <see cref="Maximum"/> itself is refused. Default false.</summary>
    public bool ExclusiveMaximum { get; set; }

    /// <summary>A number must be a multiple of this. Default NaN: need not.</summary>
    public double MultipleOf { get; set; } = double.NaN;

    /// <summary>Least number of items. Default -1: no bound.</summary>
    public long MinItems { get; set; } = -1;

    /// <summary>Greatest number of items. Default -1: no bound. CEL rules over a list want one: without it their cost is estimated for the longest list that fits a request.</summary>
    public long MaxItems { get; set; } = -1;

    /// <summary>Least number of entries of a map. Default -1: no bound.</summary>
    public long MinProperties { get; set; } = -1;

    /// <summary>Greatest number of entries of a map. Default -1: no bound.</summary>
    public long MaxProperties { get; set; } = -1;

    /// <summary>How server-side apply merges a list. Default atomic; a list of <see cref="Condition"/> is a map by <c>type</c>.</summary>
    public ListType ListType { get; set; } = ListType.Atomic;

    /// <summary>JSON names of the fields that identify an item where <see cref="ListType"/> is <see cref="Schemas.ListType.Map"/>.</summary>
    public string[]? ListMapKeys { get; set; }

    /// <summary>An object or map that is replaced and owned as a whole. Default false.</summary>
    public bool AtomicMap { get; set; }

    /// <summary>Fields that the schema does not name are kept. Default: only where the C# type says so (<c>JsonElement</c>, extension data).</summary>
    public bool PreserveUnknownFields { get; set; }

    /// <summary>The value is a whole object with apiVersion, kind and metadata, which the API server checks. Default false.</summary>
    public bool EmbeddedResource { get; set; }
}

/// <summary>As <see cref="SchemaAttribute"/>, of the items of a list or the values of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemSchemaAttribute : SchemaAttribute;
