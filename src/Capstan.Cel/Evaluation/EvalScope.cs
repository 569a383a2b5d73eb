using Capstan.Cel.Costs;
using Capstan.Cel.Library;

namespace Capstan.Cel.Evaluation;

/// <summary>What names mean in an expression. Immutable.</summary>
/// <param name="Functions">The functions and types of the libraries that are on.</param>
/// <param name="Variables">Names of variables, dotted ones too.</param>
/// <param name="Container">The namespace that names are looked up in first; empty for the root.</param>
internal sealed record EvalScope(FunctionTable Functions, IReadOnlyList<string> Variables, string Container = "")
{
    private readonly Dictionary<string, int> _positions = Positions(Variables);

    /// <summary>What calls cost.</summary>
    public CallCostTable CallCosts { get; init; } = CallCostTable.Standard;

    /// <summary>
    /// Whether lists, maps and conversions of constants cost nothing, and <c>in</c> such a list neither: what cel-go's optimizations bring, which
    /// Kubernetes has on.
    /// </summary>
    public bool FreeConstants { get; init; } = !Functions.IsSpecification;

    /// <summary>The position of a variable; negative if there is none of the name.</summary>
    public int Find(string name) => _positions.TryGetValue(name, out var position) ? position : -1;

    /// <summary>The meanings that a name may have, the innermost namespace first; a leading dot leaves only the root.</summary>
    public IEnumerable<string> Candidates(string name)
    {
        if (name.StartsWith('.'))
        {
            yield return name[1..];
            yield break;
        }

        for (var container = Container; container.Length > 0;)
        {
            yield return $"{container}.{name}";
            var dot = container.LastIndexOf('.');
            container = dot < 0 ? "" : container[..dot];
        }

        yield return name;
    }

    private static Dictionary<string, int> Positions(IReadOnlyList<string> variables)
    {
        var positions = new Dictionary<string, int>(variables.Count, StringComparer.Ordinal);
        for (var i = 0; i < variables.Count; i++)
        {
            positions.Add(variables[i], i);
        }

        return positions;
    }
}
