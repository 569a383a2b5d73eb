namespace Capstan.Cel;

/// <summary>An expression does not compile. The message has each issue with its place and a caret.</summary>
/// <param name="diagnostics">What is wrong.</param>
public sealed class CelCompileException(CelDiagnostics diagnostics) : FormatException(diagnostics.ToString())
{
    /// <summary>What is wrong.</summary>
    public CelDiagnostics Diagnostics { get; } = diagnostics;
}
