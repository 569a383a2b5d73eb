using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>
/// Expressions that are evaluated together over the same input, with variables of their own and one budget for all, as Kubernetes evaluates the
/// expressions of a policy. Immutable and safe for threads.
/// </summary>
public sealed class ExpressionSet
{
    private readonly VariableSet _variables;
    private readonly ImmutableArray<CompiledExpression> _expressions;

    private ExpressionSet(VariableSet variables, ImmutableArray<CompiledExpression> expressions)
    {
        _variables = variables;
        _expressions = expressions;
    }

    /// <summary>Expressions that do not compile, or have another type than is wanted. Their results are errors; the others are evaluated.</summary>
    public IEnumerable<ExpressionFault> Faults =>
        _expressions.Where(e => e.Error is not null).Select(e => new ExpressionFault(e.Source.Name, e.Error!));

    /// <summary>Compiles expressions.</summary>
    /// <param name="variables">What they may use.</param>
    /// <param name="expressions">In their order.</param>
    /// <param name="types">Types that their values may have, exactly: dyn is no bool. Default any.</param>
    public static ExpressionSet Compile(VariableSet variables, IEnumerable<NamedExpression> expressions, params ImmutableArray<CelType> types)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(expressions);
        return Compile(variables, variables.Environment, expressions, types);
    }

    /// <summary>As above, of expressions that may use less than the variables do.</summary>
    internal static ExpressionSet Compile(VariableSet variables, CelEnvironment environment, IEnumerable<NamedExpression> expressions, ImmutableArray<CelType> types) =>
        new(variables, [.. expressions.Select(e => CompiledExpression.Of(environment, e, types))]);

    /// <summary>Evaluates the expressions in their order. One that fails does not keep the others from being evaluated; running out of budget does.</summary>
    /// <param name="inputs">Values of the variables of the environment that the set was compiled in, in their order.</param>
    /// <param name="budget">
    /// What all may cost together, with the variables that they ask for, in cel-go's units. Default <see cref="CelBudgets.Policy"/>. One expression
    /// or variable may cost <see cref="CelBudgets.Call"/>; above that it fails.
    /// </param>
    /// <param name="cancellation">Looked at every 100 iterations, and after each expression.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more values than variables, or the budget is below 0.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ExpressionResults Evaluate(ReadOnlySpan<CelValue> inputs, long budget = CelBudgets.Policy, CancellationToken cancellation = default) =>
        Evaluate(inputs, null, budget, cancellation);

    /// <summary>As above, of some of the expressions: the others have a result without value or error.</summary>
    internal ExpressionResults Evaluate(ReadOnlySpan<CelValue> inputs, Predicate<int>? isWanted, long budget, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs.Length, _variables.Inputs.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        var limits = new CelLimits { Cost = CelBudgets.Call, Cancellation = cancellation };
        var values = new VariableValues(_variables, inputs);
        var results = new ExpressionResult[_expressions.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var (source, program) = (_expressions[i].Source, _expressions[i].Program);
            if (program is null)
            {
                results[i] = new(source.Name, default, $"compilation error: {_expressions[i].Error}");
                continue;
            }

            if (isWanted is not null && !isWanted(i))
            {
                results[i] = new(source.Name, default, null);
                continue;
            }

            var (value, cost) = values.Evaluate(program, limits, (ulong)budget);
            cancellation.ThrowIfCancellationRequested();
            if (values.Cost > (ulong)budget || cost > (ulong)budget - values.Cost)
            {
                return ExpressionResults.OutOfBudget;
            }

            budget -= (long)(values.Cost + cost);
            results[i] = value.IsError
                ? new(source.Name, default, $"expression '{source.Text}' resulted in error: {value.ErrorMessage}")
                : new(source.Name, value, null);
        }

        return new([.. results], budget, null);
    }
}
