using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Capstan.Schemas;

/// <summary>How a list is merged and who may own its parts (<c>x-kubernetes-list-type</c>).</summary>
public enum ListType
{
    /// <summary>One value: replaced and owned as a whole. The default.</summary>
    Atomic,

    /// <summary>Scalars without order or repetition, each owned for itself.</summary>
    Set,

    /// <summary>Objects identified by <see cref="Schema.ListMapKeys"/>.</summary>
    Map,
}

/// <summary>The structure of a value: one type for built-in kinds and for custom resources, so that defaulting, pruning, validation,
/// strategic merge, server-side apply and OpenAPI all read the same facts.</summary>
/// <remarks>Immutable once published, and safe to share. Source of the meaning: Kubernetes' structural schemas (KEP-95 and apiextensions v1).</remarks>
public sealed class Schema
{
    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or empty for any.</summary>
    public string Type { get; set; } = "";

    /// <summary>OpenAPI format, for example <c>int32</c>, <c>date-time</c>, <c>byte</c>.</summary>
    public string? Format { get; set; }

    /// <summary>What people read in <c>kubectl explain</c>.</summary>
    public string? Description { get; set; }

    /// <summary>OpenAPI title.</summary>
    public string? Title { get; set; }

    /// <summary>Named fields of an object, in their written order; null when none are named.</summary>
    public IReadOnlyDictionary<string, Schema>? Properties { get; set; }

    /// <summary>Schema of all other fields of an object (a map); null when there are none.</summary>
    public Schema? AdditionalProperties { get; set; }

    /// <summary><c>additionalProperties: true</c>: a map of anything.</summary>
    public bool AdditionalPropertiesAllowed { get; set; }

    /// <summary>Schema of the items of an array.</summary>
    public Schema? Items { get; set; }

    /// <summary>Names of fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; set; } = [];

    /// <summary>Allowed values; null when any.</summary>
    public IReadOnlyList<JsonNode?>? Enum { get; set; }

    /// <summary>Value of an absent field; null when there is none. Clone before use.</summary>
    public JsonNode? Default { get; set; }

    /// <summary>Whether null is a value, rather than absence.</summary>
    public bool Nullable { get; set; }

    /// <summary>Inclusive lower bound, or exclusive with <see cref="ExclusiveMinimum"/>.</summary>
    public double? Minimum { get; set; }

    /// <summary>Inclusive upper bound, or exclusive with <see cref="ExclusiveMaximum"/>.</summary>
    public double? Maximum { get; set; }

    /// <summary>Whether <see cref="Minimum"/> itself is refused.</summary>
    public bool ExclusiveMinimum { get; set; }

    /// <summary>Whether <see cref="Maximum"/> itself is refused.</summary>
    public bool ExclusiveMaximum { get; set; }

    /// <summary>A number must be a multiple of this.</summary>
    public double? MultipleOf { get; set; }

    /// <summary>Least number of characters.</summary>
    public long? MinLength { get; set; }

    /// <summary>Greatest number of characters.</summary>
    public long? MaxLength { get; set; }

    /// <summary>Regular expression (RE2, unanchored) that a string must match.</summary>
    public string? Pattern { get; set; }

    /// <summary>Least number of items.</summary>
    public long? MinItems { get; set; }

    /// <summary>Greatest number of items.</summary>
    public long? MaxItems { get; set; }

    /// <summary>Whether items may not repeat.</summary>
    public bool UniqueItems { get; set; }

    /// <summary>Least number of fields of a map.</summary>
    public long? MinProperties { get; set; }

    /// <summary>Greatest number of fields of a map.</summary>
    public long? MaxProperties { get; set; }

    /// <summary>All must hold.</summary>
    public IReadOnlyList<Schema>? AllOf { get; set; }

    /// <summary>At least one must hold.</summary>
    public IReadOnlyList<Schema>? AnyOf { get; set; }

    /// <summary>Exactly one must hold.</summary>
    public IReadOnlyList<Schema>? OneOf { get; set; }

    /// <summary>Must not hold.</summary>
    public Schema? Not { get; set; }

    /// <summary><c>x-kubernetes-preserve-unknown-fields</c>: nothing is pruned here.</summary>
    public bool PreserveUnknownFields { get; set; }

    /// <summary><c>x-kubernetes-embedded-resource</c>: a whole object with apiVersion, kind and metadata.</summary>
    public bool EmbeddedResource { get; set; }

    /// <summary><c>x-kubernetes-int-or-string</c>.</summary>
    public bool IntOrString { get; set; }

    /// <summary>How a list is merged.</summary>
    public ListType ListType { get; set; }

    /// <summary>Whether <c>x-kubernetes-list-type</c> was written at all; OpenAPI repeats only what was.</summary>
    public bool ListTypeGiven { get; set; }

    /// <summary>Fields that identify an item of a <see cref="ListType.Map"/> list.</summary>
    public IReadOnlyList<string> ListMapKeys { get; set; } = [];

    /// <summary><c>x-kubernetes-map-type: atomic</c>: an object that is replaced and owned as a whole.</summary>
    public bool AtomicMap { get; set; }

    /// <summary>Strategic merge: the key by which items merge; null when the list is replaced.</summary>
    public string? PatchMergeKey { get; set; }

    /// <summary>Strategic merge strategies: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>.</summary>
    public IReadOnlyList<string> PatchStrategies { get; set; } = [];

    /// <summary><c>x-kubernetes-validations</c> as written; run by Capstan.Cel.Kubernetes.</summary>
    public JsonArray? Validations { get; set; }

    /// <summary>Name of the built-in type, for example <c>io.k8s.api.core.v1.PodSpec</c>; null where the schema stands inline.</summary>
    public string? TypeName { get; set; }

    /// <summary>The schema of a field: named, or of the map; null when unknown.</summary>
    public Schema? Field(string name) => Properties is not null && Properties.TryGetValue(name, out var schema) ? schema : AdditionalProperties;

    private Regex? _pattern;

    /// <summary>The compiled <see cref="Pattern"/>; null when there is none.</summary>
    /// <exception cref="FormatException">It is no regular expression.</exception>
    internal Regex? CompiledPattern => Pattern is null ? null : _pattern ??= GoPattern.Compile(Pattern);

    /// <summary>A shallow copy, to say more of one use of a type than of the type.</summary>
    public Schema Copy() => (Schema)MemberwiseClone();
}
