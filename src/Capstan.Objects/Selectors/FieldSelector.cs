using System.Text;

namespace Capstan.Selectors;

/// <summary>How a field is compared.</summary>
public enum FieldOperator
{
    /// <summary><c>field=value</c> or <c>field==value</c>.</summary>
    Equals,

    /// <summary><c>field!=value</c></summary>
    NotEquals,
}

/// <summary>One condition of a field selector.</summary>
/// <param name="Field">Path as written, for example <c>metadata.name</c>.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what, unescaped.</param>
public sealed record FieldRequirement(string Field, FieldOperator Operator, string Value)
{
    /// <summary>As written in a selector: backslash, comma and equals sign of the value are escaped.</summary>
    public override string ToString()
    {
        var value = Value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);
        return $"{Field}{(Operator == FieldOperator.Equals ? "=" : "!=")}{value}";
    }
}

/// <summary>Which values fields of an object must have: all requirements hold. Which fields may be named is the business of each resource. Immutable.</summary>
public sealed class FieldSelector
{
    private FieldSelector(IReadOnlyList<FieldRequirement> requirements) => Requirements = requirements;

    /// <summary>The conditions, ordered by their text.</summary>
    public IReadOnlyList<FieldRequirement> Requirements { get; }

    /// <summary>Whether every object is selected.</summary>
    public bool IsEmpty => Requirements.Count == 0;

    /// <summary>Reads the text form, as in the query parameter <c>fieldSelector</c>. Empty text selects everything.</summary>
    /// <exception cref="FormatException">Malformed; the message is Kubernetes'.</exception>
    public static FieldSelector Parse(string text)
    {
        var requirements = new List<FieldRequirement>();
        foreach (var term in Terms(text).Where(term => term.Length > 0).Order(StringComparer.Ordinal))
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw new FormatException($"invalid selector: '{text}'; can't understand '{term}'");
            }

            var differs = equals > 0 && term[equals - 1] == '!';
            var value = equals + 1;
            if (!differs && value < term.Length && term[value] == '=')
            {
                value++;
            }

            requirements.Add(new(term[..(differs ? equals - 1 : equals)], differs ? FieldOperator.NotEquals : FieldOperator.Equals, Unescape(term[value..])));
        }

        return new(requirements);
    }

    /// <summary>Whether an object is selected, given how to read its fields; a field without value reads as empty text.</summary>
    public bool Matches(Func<string, string?> field)
    {
        foreach (var requirement in Requirements)
        {
            var equal = string.Equals(field(requirement.Field) ?? "", requirement.Value, StringComparison.Ordinal);
            if (equal != (requirement.Operator == FieldOperator.Equals))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Canonical text. <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => string.Join(',', Requirements);

    private static IEnumerable<string> Terms(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == ',')
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        var plain = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] is ',' or '=')
            {
                // Kubernetes prints the character's number here.
                throw new FormatException($"invalid field selector: unescaped character in value: {(int)value[at]}");
            }

            if (value[at] == '\\' && (++at == value.Length || value[at] is not ('\\' or ',' or '=')))
            {
                throw new FormatException($"invalid field selector: invalid escape sequence: {value[(at - 1)..Math.Min(at + 1, value.Length)]}");
            }

            plain.Append(value[at]);
        }

        return plain.ToString();
    }
}
