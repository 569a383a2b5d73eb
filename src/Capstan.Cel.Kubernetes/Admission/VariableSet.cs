using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>
/// Named expressions that others use as <c>variables.name</c>. Each is evaluated when it is first asked for, once; a later one sees the earlier.
/// An error, of compiling or of evaluating, is an error of who asks for it. Immutable and safe for threads.
/// </summary>
public sealed class VariableSet
{
    private const string Name = "variables";

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    private VariableSet(CelEnvironment environment, IEnumerable<NamedExpression> variables)
    {
        // The type grows with each variable, so that a variable sees those before it and not itself.
        var types = new Dictionary<string, CelType>(StringComparer.Ordinal);
        Inputs = environment.Variables;
        Environment = environment.WithVariable(Name, new CelObjectType("kubernetes.variables", types.GetValueOrDefault));
        var compiled = ImmutableArray.CreateBuilder<CompiledExpression>();
        foreach (var variable in variables)
        {
            var expression = CompiledExpression.Of(Environment, variable, []);
            if (!_places.TryAdd(variable.Name, compiled.Count))
            {
                throw new ArgumentException($"two variables are named {variable.Name}", nameof(variables));
            }

            types.Add(variable.Name, expression.Type);
            compiled.Add(expression);
        }

        Expressions = compiled.ToImmutable();
    }

    /// <summary>What expressions may use: the environment that was given, and <c>variables</c>.</summary>
    public CelEnvironment Environment { get; }

    /// <summary>Variables that do not compile. They harm only who uses them.</summary>
    public IEnumerable<ExpressionFault> Faults =>
        Expressions.Where(e => e.Error is not null).Select(e => new ExpressionFault(e.Source.Name, e.Error!));

    /// <summary>What values are to be given for: the variables of the environment that was given.</summary>
    internal ImmutableArray<string> Inputs { get; }

    internal ImmutableArray<CompiledExpression> Expressions { get; }

    /// <summary>Compiles variables.</summary>
    /// <param name="environment">What the variables may use. Whoever evaluates gives the values of its variables.</param>
    /// <param name="variables">In their order. Default none.</param>
    /// <exception cref="ArgumentException">The environment has a variable <c>variables</c>, or two have one name.</exception>
    public static VariableSet Compile(CelEnvironment environment, IEnumerable<NamedExpression>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment.Variables.Contains(Name)
            ? throw new ArgumentException($"{Name} is a variable already", nameof(environment))
            : new(environment, variables ?? []);
    }

    internal int? Place(string variable) => _places.TryGetValue(variable, out var place) ? place : null;
}
