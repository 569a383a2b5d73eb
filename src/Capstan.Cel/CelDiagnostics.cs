using System.Collections.Immutable;
using Capstan.Cel.Syntax;

namespace Capstan.Cel;

/// <summary>What is wrong with an expression. Immutable.</summary>
public sealed class CelDiagnostics
{
    private readonly CelSource _source;

    internal CelDiagnostics(CelSource source, IReadOnlyList<CelIssue> issues)
    {
        _source = source;
        Issues = [.. issues];
    }

    /// <summary>The issues in the order of the text; none when it compiles.</summary>
    public ImmutableArray<CelIssue> Issues { get; }

    /// <summary>The only issue when it is one that cel-go finds after checking, when it makes a program. Kubernetes words those in its own way.</summary>
    internal string? ProgramFault { get; init; }

    /// <summary>
    /// Each issue with its place, the line of the text and a caret below: <c>ERROR: &lt;input&gt;:1:5: undefined field 'z'</c>, as cel-go writes
    /// them. Empty when there are none.
    /// </summary>
    public override string ToString() => IssueText.Of(_source, Issues);
}
