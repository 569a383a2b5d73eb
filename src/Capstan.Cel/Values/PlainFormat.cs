using System.Text;

namespace Capstan.Cel.Values;

/// <summary><c>%s</c> of the current formatter: within lists and maps everything prints as it does alone, unquoted.</summary>
internal static class PlainFormat
{
    /// <summary>A double without exponent, with the names of the specification for what is not finite.</summary>
    public static string DoubleText(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : CelNumberText.Plain(value);

    /// <summary>Writes; false: a kind that no verb prints, or too deep.</summary>
    public static bool TryWrite<T>(T value, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        switch (value.Kind)
        {
            case CelFormatKind.Null: text.Append("null"); return true;
            case CelFormatKind.Bool: text.Append(value.Bool ? "true" : "false"); return true;
            case CelFormatKind.Int: text.Append(value.Int); return true;
            case CelFormatKind.Uint: text.Append(value.Uint); return true;
            case CelFormatKind.Double: text.Append(DoubleText(value.Double)); return true;
            case CelFormatKind.String or CelFormatKind.Type: text.Append(value.String); return true;
            case CelFormatKind.Bytes: text.Append(Encoding.UTF8.GetString(value.Bytes)); return true;
            case CelFormatKind.Timestamp: text.Append(value.Timestamp.ToUniversalTime().ToString()); return true;
            case CelFormatKind.Duration: text.Append(value.Duration.ToString()); return true;
            case CelFormatKind.List or CelFormatKind.Map when depth >= CelFormat.MaxDepth: error = LiteralFormat.TooDeep; return false;
            case CelFormatKind.List: return TryWriteList(value, text, depth, out error);
            case CelFormatKind.Map: return TryWriteMap(value, text, depth, out error);
            default: error = LiteralFormat.Refusal(value.TypeName); return false;
        }
    }

    private static bool TryWriteList<T>(T list, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        text.Append('[');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) text.Append(", ");
            if (!TryWrite(list.Element(i), text, depth + 1, out error)) return false;
        }

        text.Append(']');
        return true;
    }

    private static bool TryWriteMap<T>(T map, StringBuilder text, int depth, out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        var entries = new (string Key, T Value)[map.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var (key, value) = map.Entry(i);
            var keyText = new StringBuilder();
            if (!TryWrite(key, keyText, depth + 1, out error)) return false;
            entries[i] = (keyText.ToString(), value);
        }

        text.Append('{');
        var first = true;
        foreach (var (key, value) in entries.Order(LiteralFormat.ByKey<T>()))
        {
            if (!first) text.Append(", ");
            first = false;
            text.Append(key).Append(": ");
            if (!TryWrite(value, text, depth + 1, out error)) return false;
        }

        text.Append('}');
        return true;
    }
}
