using Capstan.Cel.Evaluation;

namespace Capstan.Cel.Library;

/// <summary>Collects functions and types. A later function of the same name, number of arguments and style replaces an earlier one.</summary>
internal sealed class FunctionSet(CelDialect dialect)
{
    public bool IsSpecification { get; } = dialect == CelDialect.Specification;

    public Dictionary<(string Name, int Arguments, bool IsMember), CelFunction> Functions { get; } = [];

    public HashSet<string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>The error of a function that has no overload for its arguments.</summary>
    public static CelValue NoOverload(string name) => CelValue.Error(EvalErrorKind.NoSuchOverload, 0, name);

    public void Type(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            Types.Add(name);
        }
    }

    public void Global(string name, int arguments, CelFunction function) => Functions[(name, arguments, false)] = function;

    /// <param name="name">The name.</param>
    /// <param name="arguments">Arguments besides the receiver.</param>
    /// <param name="function">Is given the receiver first.</param>
    public void Member(string name, int arguments, CelFunction function) => Functions[(name, arguments, true)] = function;
}
