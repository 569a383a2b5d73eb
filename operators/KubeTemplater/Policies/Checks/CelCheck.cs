using Capstan.Cel;
using Capstan.Cel.Kubernetes;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Checks;

/// <summary><c>cel</c>: an expression over <c>object</c>, or over <c>value</c> where a path leads; true passes. Besides, it sees <c>oldObject</c>,
/// <c>namespaceObject</c> and <c>params</c>.</summary>
internal sealed class CelCheck : FieldCheck
{
    // As the Go operator has it: this path means the whole object.
    private const string WholeObject = "object";

    private static readonly CelEnvironment OverObject = KubernetesEnvironment.Default
        .WithVariable("object", CelType.Dyn).WithVariable("oldObject", CelType.Dyn)
        .WithVariable("namespaceObject", CelType.Dyn).WithVariable("params", CelType.Dyn);

    private static readonly CelEnvironment OverValue = OverObject.WithVariable("value", CelType.Dyn);

    private readonly CelProgram _program;
    private readonly FieldPath? _path;

    private CelCheck(FieldValidation said, CelProgram program, FieldPath? path)
        : base(said) => (_program, _path) = (program, path);

    /// <summary>Compiles the check.</summary>
    /// <exception cref="CheckFault">There is no expression, it does not compile or gives no bool, or the path cannot be read.</exception>
    public static new CelCheck Compile(FieldValidation said)
    {
        var path = string.IsNullOrEmpty(said.FieldPath) || said.FieldPath == WholeObject ? null : PathOf(said);
        if (string.IsNullOrWhiteSpace(said.Cel))
        {
            throw new CheckFault("cel", "is missing, and type cel needs one");
        }

        if (!(path is null ? OverObject : OverValue).TryCompile(said.Cel, out var program, out var problems))
        {
            throw new CheckFault("cel", $"does not compile: {problems}");
        }

        return program.ResultType.Equals(CelType.Bool) || program.ResultType.Equals(CelType.Dyn)
            ? new(said, program, path)
            : throw new CheckFault("cel", $"gives a {program.ResultType}, and must give a bool");
    }

    /// <inheritdoc/>
    protected override string? Fault(CheckInput input)
    {
        if (_path is null)
        {
            return Fault(input, [input.Object, input.OldObject, input.NamespaceObject, input.Params]);
        }

        return FirstFault(_path, input.Json, value =>
            Fault(input, [input.Object, input.OldObject, input.NamespaceObject, input.Params, value is { } there ? CelValue.Of(there) : CelValue.Null]));
    }

    private string? Fault(CheckInput input, ReadOnlySpan<CelValue> values)
    {
        if (input.Budget <= 0)
        {
            return "is not evaluated: the expressions of this policy have used up what one object may cost";
        }

        var limit = Math.Min((ulong)input.Budget, CelBudgets.Call);
        var result = _program.Evaluate(values, new() { Cost = limit, Cancellation = input.Cancellation });
        input.Budget -= (long)Math.Min(result.Cost, long.MaxValue / 2);
        return result switch
        {
            { IsError: true } => $"CEL error: {_program.Explain(result.Value).Issues[0].Message}",
            { Value: { Kind: CelKind.Bool, Bool: true } } => null,
            _ => $"fails {_program.Text}",
        };
    }
}
