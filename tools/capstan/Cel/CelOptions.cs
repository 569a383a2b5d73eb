namespace Capstan.Tool.Cel;

/// <summary>What a person chose on the command line of <c>capstan cel</c>.</summary>
internal sealed record CelOptions
{
    /// <summary>Stands for standard input in the place of an expression or a file.</summary>
    public const string StandardInput = "-";

    /// <summary>What one expression may cost in Kubernetes.</summary>
    public const ulong KubernetesLimit = 1_000_000;

    /// <summary>The expression, or <see cref="StandardInput"/>.</summary>
    public required string Expression { get; init; }

    /// <summary>The document, or <see cref="StandardInput"/>; null: the expression has none.</summary>
    public string? File { get; init; }

    /// <summary>What the expression calls the document.</summary>
    public string Name { get; init; } = "object";

    /// <summary>Whether the answer is for a program.</summary>
    public bool Json { get; init; }

    /// <summary>Cost at which evaluation is given up.</summary>
    public ulong Limit { get; init; } = KubernetesLimit;
}
