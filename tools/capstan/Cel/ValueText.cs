using System.Text;
using Capstan.Cel;

namespace Capstan.Tool.Cel;

/// <summary>A value as an expression that gives it: on one line if it fits, else lists and maps on a line for each element.</summary>
internal sealed class ValueText
{
    private const int LineWidth = 100;

    // A short expression can make a value that shares its parts and would fill any disk.
    private const int Longest = 64 << 20;

    private readonly StringBuilder _text = new();

    /// <summary>The text.</summary>
    /// <exception cref="CannotRunException">It would be too long.</exception>
    public static string Of(CelValue value)
    {
        var text = new ValueText();
        text.Write(value, 0);
        return text._text.ToString();
    }

    private void Write(CelValue value, int indent)
    {
        if (_text.Length > Longest)
        {
            throw new CannotRunException($"the value is longer than {Longest >> 20} MiB");
        }

        switch (value.Kind)
        {
            case CelKind.List or CelKind.Map when !FitsOnLine(value, indent):
                WriteLines(value, indent);
                break;
            case CelKind.List or CelKind.Map:
                break;
            case CelKind.Optional when value.Optional.HasValue:
                _text.Append("optional.of(");
                Write(value.Optional.Value, indent);
                _text.Append(')');
                break;
            default:
                ScalarText.Write(_text, value);
                break;
        }
    }

    private void WriteLines(CelValue value, int indent)
    {
        var isMap = value.Kind == CelKind.Map;
        var count = isMap ? value.Map.Count : value.List.Count;
        _text.Append(isMap ? '{' : '[');
        for (var i = 0; i < count; i++)
        {
            _text.Append(i == 0 ? "\n" : ",\n").Append(' ', indent + 2);
            if (isMap)
            {
                var (key, item) = value.Map.Entry(i);
                ScalarText.Write(_text, key);
                _text.Append(": ");
                Write(item, indent + 2);
            }
            else
            {
                Write(value.List[i], indent + 2);
            }
        }

        _text.Append('\n').Append(' ', indent).Append(isMap ? '}' : ']');
    }

    /// <summary>Writes it on this line, or nothing.</summary>
    private bool FitsOnLine(CelValue value, int indent)
    {
        var start = _text.Length;
        if (TryOneLine(value, start + Math.Max(LineWidth - indent, 0)))
        {
            return true;
        }

        _text.Length = start;
        return false;
    }

    private bool TryOneLine(CelValue value, int end)
    {
        switch (value.Kind)
        {
            case CelKind.List:
                _text.Append('[');
                for (var i = 0; i < value.List.Count; i++)
                {
                    _text.Append(i == 0 ? "" : ", ");
                    if (!TryOneLine(value.List[i], end))
                    {
                        return false;
                    }
                }

                _text.Append(']');
                break;
            case CelKind.Map:
                _text.Append('{');
                for (var i = 0; i < value.Map.Count; i++)
                {
                    var (key, item) = value.Map.Entry(i);
                    _text.Append(i == 0 ? "" : ", ");
                    if (!TryOneLine(key, end))
                    {
                        return false;
                    }

                    _text.Append(": ");
                    if (!TryOneLine(item, end))
                    {
                        return false;
                    }
                }

                _text.Append('}');
                break;
            case CelKind.Optional when value.Optional.HasValue:
                _text.Append("optional.of(");
                if (!TryOneLine(value.Optional.Value, end))
                {
                    return false;
                }

                _text.Append(')');
                break;
            // Not even tried: it would be written again at every level.
            case CelKind.String when value.String.Length > LineWidth:
            case CelKind.Bytes when value.Bytes.Length > LineWidth:
                return false;
            default:
                ScalarText.Write(_text, value);
                break;
        }

        return _text.Length <= end;
    }
}
