using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>
/// What a schema means to expressions: the type that the checker sees, and how a value is read. Made as far as it is asked for, so a schema may
/// contain itself. Safe for several threads.
/// </summary>
internal sealed class SchemaShape
{
    private static readonly ConditionalWeakTable<Schema, SchemaShape> Shapes = [];
    private static readonly ConditionalWeakTable<Schema, SchemaShape> ResourceShapes = [];

    private static int _names;

    private readonly string _typeName;
    private FieldTable? _fields;
    private SchemaShape? _element;
    private StrongBox<CelType?>? _type;

    private SchemaShape(Schema schema, bool isResource, string typeName)
    {
        Schema = isResource || schema.EmbeddedResource ? ResourceHeader.AddTo(schema) : schema;
        _typeName = typeName;
        Kind = KindOf(Schema);
    }

    /// <summary>The schema, with the header of a resource where it is one.</summary>
    public Schema Schema { get; }

    public ShapeKind Kind { get; }

    /// <summary>Whether names are escaped, and null means absent.</summary>
    public bool HasFields => Schema.Properties is { Count: > 0 };

    /// <summary>The shape of items or of values of a map; null where there is none.</summary>
    public SchemaShape? Element => _element ??= Kind == ShapeKind.Array
        ? Schema.Items is { } items ? new SchemaShape(items, isResource: false, _typeName + ".@idx") : null
        : Schema.AdditionalProperties is { } values ? new SchemaShape(values, isResource: false, _typeName + ".@elem") : null;

    /// <summary>The checker's type; null where expressions cannot name values of this schema.</summary>
    public CelType? Type => (_type ??= new(MakeType())).Value;

    /// <summary>The named fields.</summary>
    public FieldTable Fields => _fields ??= new FieldTable(Schema, _typeName);

    /// <param name="schema">The schema.</param>
    /// <param name="isResource">Whether it is the root of a resource, which has <c>apiVersion</c>, <c>kind</c> and names whatever the schema says.</param>
    public static SchemaShape Of(Schema schema, bool isResource) =>
        (isResource ? ResourceShapes : Shapes).GetValue(schema, isResource ? OfResource : OfValue);

    internal static SchemaShape OfField(Schema schema, string typeName) => new(schema, isResource: false, typeName);

    /// <summary>An untyped value of JSON as this schema says, read no further than this level; an error where it does not fit.</summary>
    public CelValue Read(in CelValue raw) => raw.Kind == CelKind.Null
        ? Schema.Nullable ? raw : CelValue.Failure("invalid data, got null for schema with nullable=false")
        : Kind switch
        {
            ShapeKind.Object or ShapeKind.Map => raw.Kind == CelKind.Map ? OfMap(raw)
                : CelValue.Failure("invalid data, expected a map for the provided schema with type=object"),
            ShapeKind.Array => raw.Kind == CelKind.List ? OfList(raw)
                : CelValue.Failure("invalid data, expected an array for the provided schema with type=array"),
            ShapeKind.IntOrString => raw.Kind is CelKind.String or CelKind.Int ? raw
                : CelValue.Failure("invalid data, expected XIntOrString value to be either a string or integer"),
            ShapeKind.Unknown => CelValue.Of(new UnknownValue(raw)),
            ShapeKind.Invalid => CelValue.Failure(
                "invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string "
                + $"or x-kubernetes-preserve-unknown-fields is true, got {Schema.Type}"),
            _ => ScalarReader.Read(Kind, raw),
        };

    private static SchemaShape OfResource(Schema schema) => new(schema, isResource: true, NewTypeName());

    private static SchemaShape OfValue(Schema schema) => new(schema, isResource: false, NewTypeName());

    // Types of one name are one type, so two schemas must not share one. That it is a new one each time keeps expressions from naming it.
    private static string NewTypeName() => string.Create(CultureInfo.InvariantCulture, $"selfType{Interlocked.Increment(ref _names)}");

    // What an expression put into a list of this schema has been read before.
    private CelValue OfMap(in CelValue raw) => !raw.IsJson && raw.Map is SchemaMap ? raw : CelValue.Of(new SchemaMap(this, raw));

    private CelValue OfList(in CelValue raw)
    {
        if (Element is not { } element)
        {
            return CelValue.Failure("invalid array type, expected Items with a non-empty Schema");
        }

        var list = raw.List;
        return list is SchemaList ? raw : CelValue.Of(Schema.ListType switch
        {
            ListType.Map => new SchemaMapList(element, list, Schema.ListMapKeys),
            ListType.Set => new SchemaSet(element, list),
            _ => new SchemaList(element, list),
        });
    }

    private static ShapeKind KindOf(Schema schema) => schema.IntOrString ? ShapeKind.IntOrString : schema.Type switch
    {
        "object" => schema.Properties is not { Count: > 0 } && schema.AdditionalProperties is not null ? ShapeKind.Map : ShapeKind.Object,
        "array" => ShapeKind.Array,
        "string" => schema.Format switch
        {
            "byte" => ShapeKind.Bytes,
            "duration" => ShapeKind.Duration,
            "date" => ShapeKind.Date,
            "date-time" => ShapeKind.DateTime,
            _ => ShapeKind.String,
        },
        "number" => ShapeKind.Number,
        "integer" => ShapeKind.Integer,
        "boolean" => ShapeKind.Boolean,
        _ => schema.PreserveUnknownFields ? ShapeKind.Unknown : ShapeKind.Invalid,
    };

    private CelType? MakeType()
    {
        switch (Kind)
        {
            case ShapeKind.Object when Schema.AdditionalProperties is not null:
            case ShapeKind.Map: return Element?.Type is { } value ? CelType.Map(CelType.String, value) : null;
            case ShapeKind.Object: return new CelObjectType(_typeName, name => Fields.Declared(name)?.Shape.Type);
            case ShapeKind.Array: return Element?.Type is { } item ? CelType.List(item) : null;
            case ShapeKind.IntOrString: return CelType.Dyn;
            case ShapeKind.String: return CelType.String;
            case ShapeKind.Bytes: return CelType.Bytes;
            case ShapeKind.Duration: return CelType.Duration;
            case ShapeKind.Date or ShapeKind.DateTime: return CelType.Timestamp;
            case ShapeKind.Number: return CelType.Double;
            case ShapeKind.Integer: return CelType.Int;
            case ShapeKind.Boolean: return CelType.Bool;
            default: return null;
        }
    }
}
