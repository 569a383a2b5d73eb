using Capstan.Cel.Evaluation;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Library;

/// <summary>
/// Collects functions and types. Of functions of the same name, number of arguments and style the latest is asked first; where it has no
/// overload for its arguments the one before is.
/// </summary>
internal sealed class FunctionSet(CelDialect dialect)
{
    public bool IsSpecification { get; } = dialect == CelDialect.Specification;

    public Dictionary<(string Name, int Arguments, bool IsMember), CelFunction> Functions { get; } = [];

    /// <summary>What functions of patterns are for a pattern that is known, see <see cref="PatternFunctions"/>.</summary>
    public Dictionary<(string Name, int Arguments, bool IsMember), Func<Re2, CelFunction>> Patterns { get; } = [];

    /// <summary>Functions of a single overload, by its name: asked instead of those by name where the checker left no other.</summary>
    public Dictionary<string, CelFunction> Overloads { get; } = new(StringComparer.Ordinal);

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

    public void Global(string name, int arguments, CelFunction function) => Add((name, arguments, false), function);

    /// <param name="name">The name.</param>
    /// <param name="arguments">Arguments besides the receiver.</param>
    /// <param name="function">Is given the receiver first.</param>
    public void Member(string name, int arguments, CelFunction function) => Add((name, arguments, true), function);

    /// <summary>For what only the declared types tell, such as the sum of an empty list.</summary>
    public void Overload(string id, CelFunction function) => Overloads[id] = function;

    private void Add((string Name, int Arguments, bool IsMember) key, CelFunction function) =>
        Functions[key] = !Functions.TryGetValue(key, out var earlier) ? function
            : a => function(a) is var result && result is { IsError: true, ErrorKind: EvalErrorKind.NoSuchOverload } ? earlier(a) : result;
}
