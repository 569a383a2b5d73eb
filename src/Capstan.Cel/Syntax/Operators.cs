namespace Capstan.Cel.Syntax;

/// <summary>The function names of operators: those of the CEL specification, which declarations and costs are keyed by.</summary>
internal static class Operators
{
    public const string Conditional = "_?_:_";
    public const string And = "_&&_";
    public const string Or = "_||_";
    public const string Not = "!_";
    public const string Negate = "-_";
    public new const string Equals = "_==_";
    public const string NotEquals = "_!=_";
    public const string Less = "_<_";
    public const string LessEquals = "_<=_";
    public const string Greater = "_>_";
    public const string GreaterEquals = "_>=_";
    public const string In = "@in";
    public const string Add = "_+_";
    public const string Subtract = "_-_";
    public const string Multiply = "_*_";
    public const string Divide = "_/_";
    public const string Modulo = "_%_";
    public const string Index = "_[_]";
    public const string OptionalIndex = "_[?_]";

    /// <summary>How messages name <see cref="SelectExpr.IsOptional"/>, which is a node here and not a call.</summary>
    public const string OptionalSelect = "_?._";

    /// <summary>False only of the value false: lets a comprehension go on after an error. Written by macros.</summary>
    public const string NotStrictlyFalse = "@not_strictly_false";
}
