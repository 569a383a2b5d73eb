using System.Globalization;
using Capstan.Schemas;

namespace Capstan.Selectors;

/// <summary>How a label is compared.</summary>
public enum LabelOperator
{
    /// <summary><c>key=value</c></summary>
    Equals,

    /// <summary><c>key==value</c>, the same as <see cref="Equals"/>.</summary>
    DoubleEquals,

    /// <summary><c>key!=value</c>; a missing label passes.</summary>
    NotEquals,

    /// <summary><c>key in (a,b)</c></summary>
    In,

    /// <summary><c>key notin (a,b)</c>; a missing label passes.</summary>
    NotIn,

    /// <summary><c>key</c></summary>
    Exists,

    /// <summary><c>!key</c></summary>
    DoesNotExist,

    /// <summary><c>key&gt;1</c>, compared as integers.</summary>
    GreaterThan,

    /// <summary><c>key&lt;1</c>, compared as integers.</summary>
    LessThan,
}

/// <summary>One condition of a label selector. Immutable.</summary>
public sealed class LabelRequirement
{
    private readonly long _bound;

    /// <summary>Checks and makes a requirement.</summary>
    /// <exception cref="FormatException">The key or a value is malformed, or their number does not suit the operator.</exception>
    public LabelRequirement(string key, LabelOperator @operator, IEnumerable<string> values)
    {
        Key = key;
        Operator = @operator;
        Values = [.. values];
        var faults = Faults(out _bound);
        if (faults.Count > 0)
        {
            // Kubernetes joins several faults in brackets.
            throw new FormatException(faults.Count == 1 ? faults[0].ToString() : $"[{string.Join(", ", faults)}]");
        }
    }

    /// <summary>Label key.</summary>
    public string Key { get; }

    /// <summary>How it is compared.</summary>
    public LabelOperator Operator { get; }

    /// <summary>With what; empty for <see cref="LabelOperator.Exists"/> and <see cref="LabelOperator.DoesNotExist"/>.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Whether the labels meet this condition; null means none.</summary>
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        string? value = null;
        var exists = labels is not null && labels.TryGetValue(Key, out value);
        return Operator switch
        {
            LabelOperator.Equals or LabelOperator.DoubleEquals or LabelOperator.In => exists && HasValue(value!),
            LabelOperator.NotEquals or LabelOperator.NotIn => !exists || !HasValue(value!),
            LabelOperator.Exists => exists,
            LabelOperator.DoesNotExist => !exists,
            LabelOperator.GreaterThan => exists && TryInteger(value!, out var number) && number > _bound,
            _ => exists && TryInteger(value!, out var number) && number < _bound,
        };
    }

    /// <summary>As written in a selector, values sorted.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.Equals => $"{Key}={Values[0]}",
        LabelOperator.DoubleEquals => $"{Key}=={Values[0]}",
        LabelOperator.NotEquals => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({SortedValues()})",
        LabelOperator.NotIn => $"{Key} notin ({SortedValues()})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => $"!{Key}",
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    private string SortedValues() => string.Join(',', Values.Order(StringComparer.Ordinal));

    private bool HasValue(string value)
    {
        for (var i = 0; i < Values.Count; i++)
        {
            if (string.Equals(Values[i], value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private List<FieldError> Faults(out long bound)
    {
        bound = 0;
        var faults = new List<FieldError>();
        if (LabelSyntax.KeyFaults(Key) is { Count: > 0 } keyFaults)
        {
            faults.Add(FieldErrors.Invalid("key", Key, string.Join("; ", keyFaults)));
        }

        var count = Operator switch
        {
            LabelOperator.In or LabelOperator.NotIn => Values.Count > 0 ? null : "for 'in', 'notin' operators, values set can't be empty",
            LabelOperator.Exists or LabelOperator.DoesNotExist => Values.Count == 0 ? null : "values set must be empty for exists and does not exist",
            LabelOperator.GreaterThan or LabelOperator.LessThan => Values.Count == 1 ? null : "for 'Gt', 'Lt' operators, exactly one value is required",
            _ => Values.Count == 1 ? null : "exact-match compatibility requires one single value",
        };
        if (count is not null)
        {
            faults.Add(new(FieldErrorReasons.Invalid, "values", $"Invalid value: [{string.Join(',', Values.Select(GoFormat.Quote))}]: {count}"));
        }

        if (Operator is LabelOperator.GreaterThan or LabelOperator.LessThan)
        {
            for (var i = 0; i < Values.Count; i++)
            {
                if (!TryInteger(Values[i], out bound))
                {
                    faults.Add(FieldErrors.Invalid($"values[{i}]", Values[i], "for 'Gt', 'Lt' operators, the value must be an integer"));
                }
            }
        }

        for (var i = 0; i < Values.Count; i++)
        {
            if (LabelSyntax.ValueFaults(Values[i]) is { Count: > 0 } valueFaults)
            {
                faults.Add(FieldErrors.Invalid($"values[{i}][{Key}]", Values[i], string.Join("; ", valueFaults)));
            }
        }

        return faults;
    }

    private static bool TryInteger(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
