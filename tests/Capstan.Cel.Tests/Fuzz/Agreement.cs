using Capstan.Cel.Evaluation;
using Capstan.Cel.Syntax;
using Capstan.Cel.Tests.Reference;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>Whether the evaluator, with and without the checker, and the reference say the same of an expression.</summary>
internal sealed class Agreement(CelEnvironment environment)
{
    private readonly RefDialect _dialect = environment.Dialect == CelDialect.Kubernetes ? RefDialect.Kubernetes : RefDialect.Specification;

    /// <summary>Expressions that had a value, that compiled, and all: so that a test sees that its generator is any good.</summary>
    public int Values { get; private set; }

    public int Compiled { get; private set; }

    public int All { get; private set; }

    /// <summary>What differs; null when nothing does, or when it does not parse.</summary>
    public string? Difference(string text, Inputs inputs)
    {
        All++;
        if (CelParser.Parse(text, environment.Syntax).Ast is not { } ast)
        {
            return null;
        }

        var expected = RefEvaluator.Evaluate(ast.Root, _dialect, inputs.Reference);
        Values += expected is RefError ? 0 : 1;
        var scope = new EvalScope(environment.Functions, environment.Variables, environment.Checking.Container);
        var actual = RefBridge.Of(Lowering.Lower(ast, scope).Evaluate(inputs.Values).Value);
        if (!RefBridge.Same(expected, actual))
        {
            return $"unchecked: {RefText.Show(actual)}\nreference: {RefText.Show(expected)}";
        }

        if (!environment.TryCompile(text, out var program, out _))
        {
            return null;
        }

        Compiled++;
        expected = text.Contains(" in []", StringComparison.Ordinal) ? RefEvaluator.Evaluate(ast.Root, _dialect, inputs.Reference, isChecked: true) : expected;
        var evaluation = program.Evaluate(inputs.Values);
        var value = RefBridge.Of(evaluation.Value);
        if (!RefBridge.Same(expected, value))
        {
            return $"checked: {RefText.Show(value)}\nreference: {RefText.Show(expected)}";
        }

        return value is not RefError && !MayBeDyn(text) && !IsOf(program.ResultType, value) ? $"is no {program.ResultType}: {RefText.Show(value)}"
            : Other("tape", evaluation.Cost, expected, program.Evaluate(inputs.Tape))
            ?? Other("tree", evaluation.Cost, expected, program.Evaluate(inputs.Tree))
            ?? (evaluation.Cost == 0 || expected is RefError ? null : Limited(program, inputs, evaluation.Cost, expected));
    }

    // A document gives the same in each of its forms, for the same cost.
    private static string? Other(string form, ulong cost, RefValue expected, CelEvaluation evaluation) =>
        !RefBridge.Same(expected, RefBridge.Of(evaluation.Value)) ? $"{form}: {RefText.Show(RefBridge.Of(evaluation.Value))}\nreference: {RefText.Show(expected)}"
        : evaluation.Cost != cost ? $"{form} cost: {evaluation.Cost}, else {cost}"
        : null;

    // A limit that is just enough changes nothing; with one less there is no value, whatever the expression makes of errors.
    private static string? Limited(CelProgram program, Inputs inputs, ulong cost, RefValue expected)
    {
        // has() behind ?: takes a unit back at its end, here as in cel-go: until then it costs more than in the end.
        if (program.Text.Contains("has((", StringComparison.Ordinal))
        {
            return null;
        }

        var enough = program.Evaluate(inputs.Tape, new CelLimits { Cost = cost });
        return Other("limit", cost, expected, enough)
            ?? (program.Evaluate(inputs.Tape, new CelLimits { Cost = cost - 1 }).IsError ? null : $"limit: had a value for less than {cost}");
    }

    // Types are gradual: object[?'a'].orValue(0) is an int to the checker, here as in cel-go, and any JSON when evaluated. Null is of many types,
    // and without Kubernetes' rule lists of several types are lists of dyn.
    private bool MayBeDyn(string text) => _dialect != RefDialect.Kubernetes
        || text.Contains("flatten(", StringComparison.Ordinal) || text.Contains("object", StringComparison.Ordinal) || text.Contains("dyn(", StringComparison.Ordinal) || text.Contains("null", StringComparison.Ordinal);

    /// <summary>Whether a value is of a type that the checker promised.</summary>
    private static bool IsOf(CelType type, RefValue value) => type.Kind switch
    {
        CelTypeKind.Dyn => true,
        CelTypeKind.Null => value is RefNull,
        CelTypeKind.Bool => value is RefBool,
        CelTypeKind.Int => value is RefInt,
        CelTypeKind.Uint => value is RefUint,
        CelTypeKind.Double => value is RefDouble,
        CelTypeKind.String => value is RefString,
        CelTypeKind.Bytes => value is RefBytes,
        CelTypeKind.Timestamp => value is RefTimestamp,
        CelTypeKind.Duration => value is RefDuration,
        CelTypeKind.Type => value is RefType,
        CelTypeKind.List => value is RefList list && list.Items.All(i => IsOf(type.Parameters[0], i)),
        CelTypeKind.Map => value is RefMap map && map.Entries.All(e => IsOf(type.Parameters[0], e.Key) && IsOf(type.Parameters[1], e.Value)),
        CelTypeKind.Opaque => value is RefOptional optional && (optional.Value is null || IsOf(type.Parameters[0], optional.Value)),
        _ => false,
    };
}
