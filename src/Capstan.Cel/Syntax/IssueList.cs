namespace Capstan.Cel.Syntax;

/// <summary>
/// The errors of one parse, in the order found. It closes after a grammar error that nothing sensible can follow, or at the limit; what comes
/// after that is a consequence and is dropped.
/// </summary>
internal sealed class IssueList(CelSource source, int limit)
{
    private readonly List<CelIssue> _issues = [];

    public bool IsClosed { get; private set; }

    public int Count => _issues.Count;

    public void Add(int offset, string message)
    {
        if (IsClosed)
        {
            return;
        }

        if (_issues.Count == limit)
        {
            message = $"More than {limit} syntax errors";
            IsClosed = true;
        }

        var (line, column) = source.Locate(offset);
        _issues.Add(new CelIssue(CelSeverity.Error, message, offset, line, column));
    }

    public void AddLast(int offset, string message)
    {
        Add(offset, message);
        IsClosed = true;
    }

    public IReadOnlyList<CelIssue> ToList() => _issues;
}
