using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Reference;

/// <summary>All functions of values: given the arguments, the receiver first, none of them an error.</summary>
internal static class RefFunctions
{
    /// <summary>Whether a name with dots is a function, and not a function of a value.</summary>
    public static bool IsQualified(string name) => name is "lists.range" or "strings.quote"
        || name.StartsWith("sets.", StringComparison.Ordinal) || name.StartsWith("math.", StringComparison.Ordinal)
        || name.StartsWith("optional.", StringComparison.Ordinal) || name.StartsWith("base64.", StringComparison.Ordinal)
        || name.StartsWith("cel.@", StringComparison.Ordinal);

    public static RefValue Call(string function, RefValue[] a, RefDialect dialect) => (function, a) switch
    {
        (Operators.Equals, [var x, var y]) => RefValue.Of(RefEquality.Equal(x, y)),
        (Operators.NotEquals, [var x, var y]) => RefValue.Of(!RefEquality.Equal(x, y)),
        (Operators.Not, [RefBool x]) => RefValue.Of(!x.Value),
        (Operators.In, [var item, var container]) => RefAccess.In(item, container),
        _ => RefArithmetic.Call(function, a)
            ?? RefConversions.Call(function, a, dialect)
            ?? RefStrings.Call(function, a, dialect)
            ?? RefTimes.Call(function, a, dialect)
            ?? RefLists.Call(function, a)
            ?? (dialect == RefDialect.Kubernetes ? RefLists.CallOfKubernetes(function, a) : null)
            ?? RefMath.Call(function, a)
            ?? RefAccess.Optionals(function, a)
            ?? RefValue.NoOverload(function),
    };
}
