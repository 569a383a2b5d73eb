using Capstan.Cel.Documents;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary>Fields, keys and positions of values.</summary>
internal static class Access
{
    /// <summary>The value of a key of a map.</summary>
    public static bool TryGet(in CelValue map, in CelValue key, out CelValue value)
    {
        if (!map.IsJson)
        {
            return map.Map.TryGet(key, out value);
        }

        value = default;
        if (key.Kind != CelKind.String || !map.Document.TryGet(map.Node, key, out var node))
        {
            return false;
        }

        value = CelValue.Of(map.Document, node);
        return true;
    }

    /// <summary>The value of a field.</summary>
    public static bool TryGet(in CelValue map, FieldName name, out CelValue value)
    {
        if (!map.IsJson)
        {
            return map.Map.TryGet(name.Key, out value);
        }

        var found = map.Document.TryGet(map.Node, name, out var node);
        value = found ? CelValue.Of(map.Document, node) : default;
        return found;
    }

    /// <summary>Whether an object of a document has a field.</summary>
    public static bool Has(in CelValue map, FieldName name) => map.Document.TryGet(map.Node, name, out _);

    /// <summary><c>container[key]</c>; absence is an error of kind <see cref="EvalErrorKind.NoSuchKey"/> or <see cref="EvalErrorKind.IndexOutOfBounds"/>.</summary>
    public static CelValue Index(in CelValue container, in CelValue key, int id)
    {
        switch (container.Kind)
        {
            case CelKind.Map when key.Kind is CelKind.String or CelKind.Bool || key.IsNumber:
                return TryGet(container, key, out var value) ? value : CelValue.Error(EvalErrorKind.NoSuchKey, id, key.ToString());
            case CelKind.Map:
                return CelValue.Error(EvalErrorKind.UnsupportedKey, id, key.TypeName);
            case CelKind.List when TryPosition(key, out var at):
                if (container.IsJson)
                {
                    var document = container.Document;
                    return at < 0 || at >= document.Count(container.Node)
                        ? CelValue.Error(EvalErrorKind.IndexOutOfBounds, id, null, at)
                        : CelValue.Of(document, document.Element(container.Node, (int)at));
                }

                var list = container.List;
                return at < 0 || at >= list.Count ? CelValue.Error(EvalErrorKind.IndexOutOfBounds, id, null, at) : list[(int)at];
            default:
                return NotIn(container, key, id);
        }
    }

    /// <summary>The error of a key that a value cannot have: what is no list has no keys, as cel-go sees it.</summary>
    public static CelValue NotIn(in CelValue value, in CelValue key, int id) =>
        value.Kind != CelKind.List ? CelValue.Error(EvalErrorKind.NoSuchKey, id, key.ToString())
        : CelValue.Error(EvalErrorKind.Message, id, key.IsNumber ? $"unsupported index value {key} in list" : $"unsupported index type '{key.TypeName}' in list");

    private static bool TryPosition(in CelValue key, out long position)
    {
        position = key.Int;
        return key.Kind switch
        {
            CelKind.Int => true,
            CelKind.Uint => position >= 0,
            CelKind.Double => CelNumbers.TryLosslessInt(key.Double, out position),
            _ => false,
        };
    }
}
