using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Evaluation;

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
        _program = program;
        _used = [.. environment.Variables.Where(expression.RefersTo)];
    }

    /// <summary>What it was compiled in.</summary>
    public CelEnvironment Environment { get; }

    /// <summary>The expression.</summary>
    public string Text { get; }

    /// <summary>The type of its value, <see cref="CelType.Dyn"/> where only an evaluation shows it.</summary>
    public CelType ResultType { get; }

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

    /// <inheritdoc/>
    public override string ToString() => Text;
}
