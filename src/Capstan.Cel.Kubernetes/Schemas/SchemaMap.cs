using Capstan.Cel.Evaluation;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>A JSON object read by its schema: a field is found and typed when it is asked for. Null is absence for named fields, a value in a map.</summary>
internal sealed class SchemaMap(SchemaShape shape, CelValue raw) : CelMap
{
    private CelMap? _entries;

    /// <summary>The object as it is in JSON.</summary>
    public CelValue Raw => raw;

    /// <summary>Of all fields in JSON, those of value null and unknown ones too, as Kubernetes counts.</summary>
    public override int Count => raw.Count;

    internal override ulong Weight => raw.Weight;

    internal override bool IsZero => false;

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        if (key.Kind != CelKind.String)
        {
            value = CelValue.Error(EvalErrorKind.NoSuchOverload);
            return true;
        }

        if (!shape.HasFields)
        {
            if (shape.Kind != ShapeKind.Map || !Access.TryGet(raw, key, out value))
            {
                return false;
            }

            value = shape.Element!.Read(value);
            return true;
        }

        if (shape.Fields.Find(key.String) is not { } field || !Access.TryGet(raw, field.Key, out value) || value.Kind == CelKind.Null)
        {
            return false;
        }

        value = field.Shape.Read(value);
        return true;
    }

    public override (CelValue Key, CelValue Value) Entry(int index)
    {
        var (name, _) = (_entries ??= raw.Map).Entry(index);
        var key = shape.HasFields && shape.Fields.Named(name.String)?.Identifier is { } identifier ? CelValue.Of(identifier) : name;
        return (key, TryGet(key, out var value) ? value : CelValue.Error(EvalErrorKind.NoSuchKey, 0, key.ToString()));
    }

    /// <summary>Fields of the schema as CEL compares them; of others those that both have, as they are in JSON.</summary>
    internal override bool IsSameAs(CelMap other)
    {
        var fields = raw.Map;
        if (fields.Count != other.Count)
        {
            return false;
        }

        for (var i = 0; i < fields.Count; i++)
        {
            var (name, value) = fields.Entry(i);
            if (!(IsKnown(name) ? IsSameField(name, other) : IsSameUnknown(name, value, other)))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsKnown(in CelValue name) => shape.HasFields ? shape.Fields.Named(name.String) is not null : shape.Kind == ShapeKind.Map;

    private bool IsSameField(in CelValue name, CelMap other)
    {
        var found = TryGet(name, out var mine);
        return other.TryGet(name, out var theirs) == found && (!found || CelEquality.Equal(mine, theirs));
    }

    private static bool IsSameUnknown(in CelValue name, in CelValue value, CelMap other) =>
        other is SchemaMap map && (!Access.TryGet(map.Raw, name, out var theirs) || StrictEquality.Instance.Equals(value, theirs));
}
