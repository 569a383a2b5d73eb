using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>What a scalar may be.</summary>
internal enum ScalarType
{
    Untyped,
    String,
    Numeric,
    Boolean,
}

/// <summary>The forms that a value may have; when it may have several, the value decides.</summary>
[Flags]
internal enum MergeForms
{
    None = 0,
    Map = 1,
    Scalar = 2,
    List = 4,
}

/// <summary>The schema as server-side apply sees it: which parts of a value are owned for themselves.</summary>
/// <remarks>Immutable, made from a <see cref="Schema"/> once and kept as long as it.</remarks>
internal sealed class MergeType
{
    /// <summary>Nothing is known: maps are granular, lists are atomic.</summary>
    public static readonly MergeType Deduced;

    /// <summary>Anything, owned as a whole.</summary>
    public static readonly MergeType Atomic;

    private const string RawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension";
    private static readonly ConditionalWeakTable<Schema, MergeType> Known = [];
    private static readonly ConditionalWeakTable<Schema, MergeType> KnownPreserving = [];
    private static readonly ConditionalWeakTable<Schema, MergeType> KnownObjects = [];
    private static readonly Schema Text = new() { Type = "string" };

    static MergeType()
    {
        Atomic = new(MergeForms.Map | MergeForms.Scalar | MergeForms.List);
        Atomic.Map = MergeMap.OfAnything(() => Atomic!, isAtomic: true);
        Atomic.List = new MergeList(() => Atomic!);
        Deduced = new(MergeForms.Map | MergeForms.Scalar | MergeForms.List);
        Deduced.Map = MergeMap.OfAnything(() => Deduced!, isAtomic: false);
        Deduced.List = new MergeList(() => Atomic);
    }

    private MergeType(MergeForms forms) => Forms = forms;

    public MergeForms Forms { get; }

    public ScalarType Scalar { get; private init; }

    /// <summary>Whether it is a type of Kubernetes' own.</summary>
    public bool IsBuiltIn { get; private init; }

    /// <summary>Null when it cannot be a map.</summary>
    public MergeMap? Map { get; private set; }

    /// <summary>Null when it cannot be a list.</summary>
    public MergeList? List { get; private set; }

    /// <summary>The type of a whole object of a kind: its schema, with apiVersion, kind and metadata as every object has them. Null: nothing is known.</summary>
    public static MergeType OfObject(Schema? schema) => schema is null ? Deduced : KnownObjects.GetValue(schema, static s => Make(s, false, isObject: true));

    /// <summary>The type of a step below; what no schema declares is deduced.</summary>
    public MergeType At(PathElement element) =>
        element.FieldName is { } name ? Map?.Field(name) ?? Deduced : List?.Items ?? Deduced;

    // A named type is the same wherever it stands.
    private static MergeType Of(Schema schema, bool preservesUnknown) =>
        preservesUnknown && schema.TypeName is null
            ? KnownPreserving.GetValue(schema, static s => Make(s, true, s.EmbeddedResource))
            : Known.GetValue(schema, static s => Make(s, false, s.EmbeddedResource));

    private static MergeType Make(Schema schema, bool inheritsPreserve, bool isObject)
    {
        if (schema.TypeName == RawExtension) return Atomic;
        if (schema.TypeName == BuiltInKinds.Quantity || schema.IntOrString) return new(MergeForms.Scalar);
        var preserves = inheritsPreserve || schema.PreserveUnknownFields;
        switch (schema.Type)
        {
            case "object":
                return new(MergeForms.Map) { Map = MapOf(schema, preserves, isObject), IsBuiltIn = schema.TypeName is not null };
            case "array":
                return new(MergeForms.List) { List = ListOf(schema, preserves) };
            case "":
                return new(MergeForms.Map | MergeForms.Scalar | MergeForms.List) { Map = MapOf(schema, preserves, isObject), List = ListOf(schema, preserves) };
            default:
                return new(MergeForms.Scalar) { Scalar = ScalarOf(schema) };
        }
    }

    private static ScalarType ScalarOf(Schema schema) => schema.Type switch
    {
        "string" => schema.Format is null or "" or "byte" ? ScalarType.String : ScalarType.Untyped,
        "integer" or "number" => ScalarType.Numeric,
        "boolean" => ScalarType.Boolean,
        _ => ScalarType.Untyped,
    };

    private static MergeMap MapOf(Schema schema, bool preserves, bool isObject)
    {
        var properties = schema.Properties;
        if (isObject) properties = WithObjectFields(properties);
        Func<MergeType>? others =
            schema.AdditionalProperties is { } values ? () => Of(values, preserves)
            : schema.AdditionalPropertiesAllowed || preserves || properties is null or { Count: 0 } ? static () => Deduced
            : null;
        return new MergeMap(properties, s => Of(s, preserves), others, schema);
    }

    private static Dictionary<string, Schema> WithObjectFields(IReadOnlyDictionary<string, Schema>? properties)
    {
        var all = properties is null ? [] : new Dictionary<string, Schema>(properties, StringComparer.Ordinal);
        all.TryAdd("apiVersion", Text);
        all.TryAdd("kind", Text);
        if (!all.TryGetValue("metadata", out var metadata) || metadata.TypeName is null) all["metadata"] = BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta);
        return all;
    }

    private static MergeList ListOf(Schema schema, bool preserves)
    {
        Func<MergeType> items = schema.Items is { } item ? () => Of(item, preserves) : static () => Atomic;
        if (schema.ListTypeGiven || schema.ListType != ListType.Atomic)
        {
            return schema.ListType switch
            {
                ListType.Map => new(items, [.. schema.ListMapKeys], schema.Items),
                ListType.Set => new(items, [], schema.Items),
                _ => new(items),
            };
        }

        // Types that are older than list types say it by their strategic merge.
        if (!schema.PatchStrategies.Contains("merge")) return new(items);
        return new(items, schema.PatchMergeKey is { } key ? [key] : [], schema.Items);
    }
}

/// <summary>A map or struct.</summary>
internal sealed class MergeMap
{
    private readonly IReadOnlyDictionary<string, Schema>? _named;
    private readonly Func<Schema, MergeType> _typeOf;
    private readonly Func<MergeType>? _others;

    public MergeMap(IReadOnlyDictionary<string, Schema>? named, Func<Schema, MergeType> typeOf, Func<MergeType>? others, Schema schema)
    {
        (_named, _typeOf, _others, IsAtomic) = (named, typeOf, others, schema.AtomicMap);
        if (named is null || BuiltInKinds.ZeroFieldsOf(schema.TypeName) is not { } zeros) return;
        Implied = zeros.Always.Where(f => named.ContainsKey(f.Field)).ToDictionary(f => f.Field, f => f.Zero, StringComparer.Ordinal);
        Structs = [.. Implied.Where(f => f.Value is JsonObject).Select(f => f.Key)];
    }

    private MergeMap(Func<MergeType> others, bool isAtomic) => (_typeOf, _others, IsAtomic) = (_ => others(), others, isAtomic);

    /// <summary>Replaced and owned as a whole.</summary>
    public bool IsAtomic { get; }

    /// <summary>Fields of a built-in type that are structs and not pointers in Kubernetes: they are there, if empty, in every object that has their parent.</summary>
    public IReadOnlyList<string> Structs { get; } = [];

    /// <summary>Fields of a built-in type that Kubernetes' own form of the object has always, with their value when nobody set it. Read only.</summary>
    public Dictionary<string, JsonNode?> Implied { get; } = [];

    public static MergeMap OfAnything(Func<MergeType> others, bool isAtomic) => new(others, isAtomic);

    public bool IsNamed(string name) => _named?.ContainsKey(name) == true;

    /// <summary>The type of a field; null when the schema does not declare it.</summary>
    public MergeType? Field(string name) => _named is not null && _named.TryGetValue(name, out var schema) ? _typeOf(schema) : _others?.Invoke();

    /// <summary>Whether nothing is known of its fields, and nothing is declared.</summary>
    public bool IsDeduced => _named is null or { Count: 0 } && ReferenceEquals(_others?.Invoke(), MergeType.Deduced);
}

/// <summary>A list.</summary>
internal sealed class MergeList
{
    private readonly Func<MergeType> _items;
    private readonly Schema? _itemSchema;

    /// <summary>Replaced and owned as a whole.</summary>
    public MergeList(Func<MergeType> items) => (_items, IsAtomic, Keys) = (items, true, []);

    /// <summary>Each item is owned for itself: by these key fields, or as a set without any.</summary>
    public MergeList(Func<MergeType> items, string[] keys, Schema? itemSchema) => (_items, Keys, _itemSchema) = (items, keys, itemSchema);

    public bool IsAtomic { get; }

    public string[] Keys { get; }

    public MergeType Items => _items();

    /// <summary>What a key field is when an item leaves it out; null when it has no default.</summary>
    public JsonNode? DefaultOfKey(string name) => _itemSchema?.Properties?.GetValueOrDefault(name)?.Default;
}
