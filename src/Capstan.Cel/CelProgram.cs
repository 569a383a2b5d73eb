using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Syntax;

namespace Capstan.Cel;

/// <summary>A compiled expression. Immutable and safe for threads.</summary>
public sealed class CelProgram
{
    private readonly EvalProgram _program;
    private readonly ImmutableArray<string> _used;

    internal CelProgram(CelEnvironment environment, string text, CheckedExpression expression, EvalProgram program)
    {
        Environment = environment;
        Text = text;
        ResultType = expression.Type;
        Height = expression.Ast.Root.Height;
        _program = program;
        _used = [.. environment.Variables.Where(expression.RefersTo)];
    }

    /// <summary>What it was compiled in.</summary>
    public CelEnvironment Environment { get; }

    /// <summary>The expression.</summary>
    public string Text { get; }

    /// <summary>The type of its value, <see cref="CelType.Dyn"/> where only an evaluation shows it.</summary>
    public CelType ResultType { get; }

    /// <summary>Nodes upon each other, which an evaluation may need the stack for.</summary>
    internal int Height { get; }

    /// <summary>Whether it reads a variable of the environment.</summary>
    public bool Uses(string variable) => _used.Contains(variable);

    /// <summary>Evaluates it. Throws nothing that the expression or the values bring about: an error is a value.</summary>
    /// <param name="values">
    /// The values of <see cref="CelEnvironment.Variables"/>, in their order. Fewer, or <c>default</c> among them, leave variables without a value:
    /// an error where one is read. Documents that they lie in must not be disposed of before the result was read.
    /// </param>
    /// <param name="limits">When to give up: the result is then an error, whatever the expression makes of errors. Default never.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more values than variables.</exception>
    public CelEvaluation Evaluate(ReadOnlySpan<CelValue> values, in CelLimits limits = default) => _program.Evaluate(values, limits);

    /// <summary>What an evaluation can cost, known from the text and the sizes of the variables: no value is needed.</summary>
    /// <param name="largest">
    /// Greatest sizes, 0 or more, of the variables and what is in them, by path: <c>self.name</c> (characters), <c>self.items</c> (elements),
    /// <c>self.items.@items.name</c>, <c>self.labels</c> (entries), <c>self.labels.@keys</c>, <c>self.labels.@values</c>. What is not there may
    /// have any size; so may all by default.
    /// </param>
    public CelCostEstimate EstimateCost(IReadOnlyDictionary<string, long>? largest = null)
    {
        var cost = Estimate(largest is null ? null : (path, _) =>
            largest.TryGetValue(string.Join('.', path.Parts!), out var size) ? new SizeInterval(0, (ulong)Math.Max(0, size)) : null);
        return new(cost.Min, cost.Max);
    }

    // The tree is not kept for this: it would be most of what a program takes in memory.
    internal CostInterval Estimate(SizeEstimator? sizes) => CostEstimator.Estimate(
        CelChecker.Check(CelParser.Parse(Text, Environment.Syntax).Ast!, Environment.Checking),
        new CostModel
        {
            Calls = [.. Environment.Libraries.Select(library => library.CallEstimate).OfType<CallEstimator>().Distinct()],
            Sizes = sizes,
            PresenceTestsCost = Environment.Dialect != CelDialect.Kubernetes,
        });

    /// <summary>
    /// Where in the expression an error of this program came about, as diagnostics with one issue: place, line and caret. An error without a
    /// place of its own, such as a used up budget, is shown at the start. Slow: the expression is parsed again, so that programs need not keep
    /// their places.
    /// </summary>
    /// <exception cref="ArgumentException">It is a value and no error.</exception>
    public CelDiagnostics Explain(in CelValue error)
    {
        if (!error.IsError)
        {
            throw new ArgumentException($"there is nothing to explain about {error.TypeName}", nameof(error));
        }

        var parsed = CelParser.Parse(Text, Environment.Syntax);
        var offset = parsed.Ast is { } ast && error.ErrorNode != 0 ? NodeSearch.Find(ast.Root, error.ErrorNode)?.Span.Position ?? 0 : 0;
        var (line, column) = parsed.Source.Locate(offset);
        return new(parsed.Source, [new(CelSeverity.Error, error.ErrorMessage, offset, line, column)]);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
