namespace Capstan;

/// <summary>A rule in CEL that the API server checks on every write (<c>x-kubernetes-validations</c>): on a property over its value, on a type over each value of the type.</summary>
/// <param name="rule">The expression. <c>self</c> is the value, <c>oldSelf</c> the one before; a rule that uses <c>oldSelf</c> runs on updates only.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule) : Attribute
{
    /// <summary>The expression; must give a bool.</summary>
    public string Rule { get; } = rule;

    /// <summary>What people read when it gives false. Default: the rule.</summary>
    public string? Message { get; set; }

    /// <summary>CEL that gives the message; comes before <see cref="Message"/>.</summary>
    public string? MessageExpression { get; set; }

    /// <summary>Reason of the error's cause: <c>FieldValueInvalid</c> (default), <c>FieldValueForbidden</c>, <c>FieldValueRequired</c> or <c>FieldValueDuplicate</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>The field at fault, relative to the value, for example <c>.replicas</c>. Default: the value itself.</summary>
    public string? FieldPath { get; set; }

    /// <summary>A rule with <c>oldSelf</c> runs on creation too, with <c>oldSelf</c> an optional without value. Default false.</summary>
    public bool OptionalOldSelf { get; set; }
}
