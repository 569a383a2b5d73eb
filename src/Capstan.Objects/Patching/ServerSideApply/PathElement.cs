using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>One step of a field path: a field's name, the key of a list item, the value of a set item, or an index. Immutable.</summary>
internal sealed class PathElement : IComparable<PathElement>, IEquatable<PathElement>
{
    private readonly Step _step;
    private readonly string _name = "";
    private readonly (string Name, PathValue Value)[] _key = [];
    private readonly PathValue _value;
    private readonly int _index;

    private PathElement(string name) => (_step, _name) = (Step.Field, name);

    private PathElement((string, PathValue)[] key) => (_step, _key) = (Step.Key, key);

    private PathElement(PathValue value) => (_step, _value) = (Step.Value, value);

    private PathElement(int index) => (_step, _index) = (Step.Index, index);

    // In the order in which Kubernetes prints them.
    private enum Step
    {
        Field,
        Key,
        Value,
        Index,
    }

    /// <summary>The field's name; null when this is no field.</summary>
    public string? FieldName => _step == Step.Field ? _name : null;

    public bool IsKey => _step == Step.Key;

    public static PathElement Field(string name) => new(name);

    /// <summary>The key fields may come in any order.</summary>
    public static PathElement Key((string Name, PathValue Value)[] key)
    {
        if (key.Length > 1) Array.Sort(key, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new(key);
    }

    public static PathElement Value(PathValue value) => new(value);

    public static PathElement Index(int index) => new(index);

    /// <summary>Reads the form of fieldsV1 (<c>f:spec</c>, <c>k:{"name":"a"}</c>, <c>v:"x"</c>, <c>i:0</c>); null for a kind that is not known.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static PathElement? Parse(string text)
    {
        if (text.Length < 2) throw new FormatException("key must be 2 characters long");
        if (text[1] != ':') throw new FormatException($"missing colon: {text}");
        try
        {
            return text[0] switch
            {
                'f' => Field(text[2..]),
                'v' => Value(PathValue.From(JsonNode.Parse(text.AsSpan(2).ToString()))),
                'k' => Key([.. JsonNode.Parse(text.AsSpan(2).ToString())!.AsObject().Select(f => (f.Key, PathValue.From(f.Value)))]),
                'i' => Index(int.Parse(text.AsSpan(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or OverflowException or ArgumentException)
        {
            throw new FormatException($"parsing key as path element: {text}", e);
        }
    }

    /// <summary>The form of fieldsV1.</summary>
    public string Write()
    {
        if (_step == Step.Field) return "f:" + _name;
        var text = new StringBuilder();
        switch (_step)
        {
            case Step.Key:
                text.Append("k:{");
                for (var i = 0; i < _key.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    PathValue.WriteString(text, _key[i].Name);
                    text.Append(':');
                    _key[i].Value.WriteTo(text);
                }

                text.Append('}');
                break;
            case Step.Value:
                text.Append("v:");
                _value.WriteTo(text);
                break;
            default:
                text.Append("i:").Append(_index.ToString(CultureInfo.InvariantCulture));
                break;
        }

        return text.ToString();
    }

    /// <summary>As messages show it: <c>.spec</c>, <c>[name="a"]</c>, <c>[="x"]</c>, <c>[0]</c>.</summary>
    public override string ToString() => _step switch
    {
        Step.Field => "." + _name,
        Step.Key => $"[{string.Join(',', _key.Select(f => $"{f.Name}={f.Value}"))}]",
        Step.Value => $"[={_value}]",
        _ => $"[{_index.ToString(CultureInfo.InvariantCulture)}]",
    };

    public int CompareTo(PathElement? other)
    {
        if (other is null) return 1;
        if (_step != other._step) return _step < other._step ? -1 : 1;
        return _step switch
        {
            Step.Field => string.CompareOrdinal(_name, other._name),
            Step.Key => CompareKeys(_key, other._key),
            Step.Value => _value.CompareTo(other._value),
            _ => _index.CompareTo(other._index),
        };
    }

    public bool Equals(PathElement? other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as PathElement);

    // Numbers that are equal may be held as integer or float: only what is sure to differ goes into the hash.
    public override int GetHashCode() => _step switch
    {
        Step.Field => _name.GetHashCode(StringComparison.Ordinal),
        Step.Key => _key.Aggregate(17, (hash, f) => hash * 31 + f.Value.ToString().GetHashCode(StringComparison.Ordinal)),
        Step.Value => _value.ToString().GetHashCode(StringComparison.Ordinal),
        _ => _index,
    };

    private static int CompareKeys((string Name, PathValue Value)[] a, (string Name, PathValue Value)[] b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var order = string.CompareOrdinal(a[i].Name, b[i].Name);
            if (order == 0) order = a[i].Value.CompareTo(b[i].Value);
            if (order != 0) return order;
        }

        return a.Length.CompareTo(b.Length);
    }
}
