using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary>Fields, keys and positions of values.</summary>
internal static class Access
{
    /// <summary>The value of a key of a map.</summary>
    public static bool TryGet(in CelValue map, in CelValue key, out CelValue value)
    {
        if (map.IsJson && key.Kind == CelKind.String && key.TryUtf8(out var utf8))
        {
            return TryGet(map, utf8, out value);
        }

        return map.Map.TryGet(key, out value);
    }

    /// <summary>The value of a field whose name is known in both encodings.</summary>
    public static bool TryGet(in CelValue map, in CelValue key, ReadOnlySpan<byte> utf8, out CelValue value) =>
        map.IsJson ? TryGet(map, utf8, out value) : map.Map.TryGet(key, out value);

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
                    return at < 0 || at >= container.Json.GetArrayLength()
                        ? CelValue.Error(EvalErrorKind.IndexOutOfBounds, id, null, at)
                        : CelValue.Of(container.Json[(int)at]);
                }

                var list = container.List;
                return at < 0 || at >= list.Count ? CelValue.Error(EvalErrorKind.IndexOutOfBounds, id, null, at) : list[(int)at];
            case CelKind.List when key.IsNumber:
                return CelValue.Error(CelErrorKind.IndexOutOfRange, id, "unsupported index value");
            default:
                return CelValue.Error(EvalErrorKind.NoSuchOverload, id, "_[_]");
        }
    }

    private static bool TryGet(in CelValue map, ReadOnlySpan<byte> utf8, out CelValue value)
    {
        var found = JsonText.TryGet(map.Json, utf8, out var element);
        value = found ? CelValue.Of(element) : default;
        return found;
    }

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
