namespace Capstan.Cel;

/// <summary>How bad an issue is.</summary>
public enum CelSeverity
{
    /// <summary>The expression cannot be used.</summary>
    Error,

    /// <summary>The expression can be used; somebody should look at it.</summary>
    Warning,
}

/// <summary>Something to say about a place in an expression. Immutable.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">What is wrong, without the place.</param>
/// <param name="Offset">The place: UTF-16 code units from the start of the text.</param>
/// <param name="Line">Line of the place, from 1.</param>
/// <param name="Column">Character of the line, from 1; a character outside the basic plane counts once.</param>
public sealed record CelIssue(CelSeverity Severity, string Message, int Offset, int Line, int Column);
