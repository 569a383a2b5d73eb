using System.Text.Json;
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

    private static readonly string[] _withoutOperands =
    [
        "no such overload", "type conversion error", "unsupported key type", "integer overflow", "unsigned integer overflow", "timestamp overflow",
        "division by zero", "modulus by zero", "NaN values", "operation interrupted", "operation cancelled", "optional.none()", "no such attribute",
    ];

    private readonly CelProgram _program;
    private readonly FieldPath? _path;
    private readonly string _fails;
    private readonly (bool Object, bool OldObject, bool Namespace) _reads;

    private CelCheck(FieldValidation said, CelProgram program, FieldPath? path)
        : base(said)
    {
        (_program, _path, _fails) = (program, path, $"fails {program.Text}");
        _reads = (program.Uses("object"), program.Uses("oldObject"), program.Uses("namespaceObject"));
    }

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
    protected override string? Fault(CheckInput input) => _path is null ? Evaluate(input, default) : _path.FirstFault(input, FaultOf);

    private string? FaultOf(JsonElement? value, CheckInput input) => Evaluate(input, value is { } there ? CelValue.Of(there) : CelValue.Null);

    private string? Evaluate(CheckInput input, CelValue value)
    {
        if (input.Budget.IsSpent)
        {
            return "is not evaluated: the checks of this policy have taken all that one template may cost";
        }

        // What an expression does not read is not made for it.
        ReadOnlySpan<CelValue> values =
        [
            _reads.Object ? input.Object : default,
            _reads.OldObject ? input.OldObject : default,
            _reads.Namespace ? input.NamespaceObject : default,
            input.Params,
            value,
        ];
        var result = _program.Evaluate(
            _path is null ? values[..^1] : values,
            new() { Cost = Math.Min(input.Budget.Left, CelBudgets.Call), Cancellation = input.Cancellation });
        input.Budget.TrySpend((long)Math.Min(result.Cost, long.MaxValue));
        return result switch
        {
            { IsError: true } => Words(result.Value.ErrorMessage),
            { Value: { Kind: CelKind.Bool, Bool: true } } => null,
            _ => _fails,
        };
    }

    // Errors repeat operands, and an operand may be a secret of the object: only what the expression says itself is repeated.
    private string Words(string message)
    {
        const string missing = "no such key: ";
        var isOpen = message.StartsWith(missing, StringComparison.Ordinal) ? _program.Text.Contains(message[missing.Length..], StringComparison.Ordinal)
            : Array.Exists(_withoutOperands, start => message.StartsWith(start, StringComparison.Ordinal));
        return isOpen ? $"CEL error: {message}" : message.StartsWith(missing, StringComparison.Ordinal) ? $"CEL error: no such key in {_program.Text}" : $"CEL error in {_program.Text}";
    }
}
