using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>An expression that compiled and has a type that is wanted, or why not. Immutable.</summary>
internal sealed class CompiledExpression
{
    private CompiledExpression(NamedExpression source, CelProgram? program, string? error)
    {
        Source = source;
        Program = program;
        Error = error;
    }

    public NamedExpression Source { get; }

    /// <summary>Null when there is an <see cref="Error"/>.</summary>
    public CelProgram? Program { get; }

    public string? Error { get; }

    /// <summary>What it evaluates to as far as a later expression may rely on it: parts without a name in the language are dyn.</summary>
    public CelType Type => Program is null ? CelType.Dyn : Declarable(Program.ResultType);

    /// <param name="environment">What it may use.</param>
    /// <param name="source">The expression.</param>
    /// <param name="types">The types it may have, exactly; none: any.</param>
    public static CompiledExpression Of(CelEnvironment environment, NamedExpression source, ImmutableArray<CelType> types)
    {
        if (!environment.TryCompile(source.Text, out var program, out var diagnostics))
        {
            return new(source, null, diagnostics.ProgramFault is { } fault ? $"program instantiation failed: {fault}" : $"compilation failed: {diagnostics}");
        }

        if (types.IsEmpty || types.Any(type => type.Kind == program.ResultType.Kind))
        {
            return new(source, program, null);
        }

        var wanted = types.Length == 1 ? types[0].Name : $"one of [{string.Join(' ', types.Select(type => type.Name))}]";
        return new(source, null, string.Create(CultureInfo.InvariantCulture, $"must evaluate to {wanted} but got {Spelled(program.ResultType)}"));
    }

    private static CelType Declarable(CelType type) => type.Kind switch
    {
        CelTypeKind.List => CelType.List(Declarable(type.Parameters[0])),
        CelTypeKind.Map => CelType.Map(Declarable(type.Parameters[0]), Declarable(type.Parameters[1])),
        CelTypeKind.Null or CelTypeKind.Bool or CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double or CelTypeKind.String
            or CelTypeKind.Bytes or CelTypeKind.Timestamp or CelTypeKind.Duration => type,
        _ => CelType.Dyn,
    };

    // By their full names, unlike in the checker's messages.
    private static string Spelled(CelType type) =>
        type.Parameters.IsEmpty ? type.Name : $"{type.Name}({string.Join(", ", type.Parameters.Select(Spelled))})";
}
