namespace Capstan.Cel.Syntax;

/// <summary><c>operand.field</c>, <c>operand.?field</c>, or the presence test <c>has(operand.field)</c>.</summary>
internal sealed class SelectExpr(int id, SourceSpan span, CelExpr operand, string field, bool isTestOnly = false, bool isOptional = false)
    : CelExpr(id, span, operand.Height + 1)
{
    public CelExpr Operand { get; } = operand;

    public string Field { get; } = field;

    /// <summary>True for <c>has(...)</c>: the value is whether the field is there.</summary>
    public bool IsTestOnly { get; } = isTestOnly;

    /// <summary>True for <c>.?</c>: the value is optional. Never together with <see cref="IsTestOnly"/>.</summary>
    public bool IsOptional { get; } = isOptional;
}
