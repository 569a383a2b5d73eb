namespace Capstan.Cel.Syntax;

/// <summary>The text of an expression and where its lines begin. A line ends at LF; the CR of CR LF belongs to no column that matters.</summary>
internal sealed class CelSource(string text, string description = CelSource.DefaultDescription)
{
    public const string DefaultDescription = "<input>";

    private int[]? _lineStarts;

    public string Text { get; } = text;

    /// <summary>What messages call the text, a file name for instance.</summary>
    public string Description { get; } = description;

    /// <summary>Line and column, both from 1; columns count characters (code points), as cel-go does.</summary>
    public (int Line, int Column) Locate(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var starts = LineStarts;
        var line = Array.BinarySearch(starts, offset);
        line = line >= 0 ? line : ~line - 1;
        var column = 1;
        for (var i = starts[line]; i < offset; i++)
        {
            column += char.IsLowSurrogate(Text[i]) && i > starts[line] && char.IsHighSurrogate(Text[i - 1]) ? 0 : 1;
        }

        return (line + 1, column);
    }

    /// <summary>The text of a line (from 1) without its line end; empty when there is no such line.</summary>
    public ReadOnlySpan<char> Line(int line)
    {
        var starts = LineStarts;
        if (line < 1 || line > starts.Length)
        {
            return [];
        }

        var end = line < starts.Length ? starts[line] - 1 : Text.Length;
        return Text.AsSpan(starts[line - 1]..end).TrimEnd('\r');
    }

    // Only messages need lines: expressions that compile never pay for them.
    private int[] LineStarts
    {
        get
        {
            if (_lineStarts is null)
            {
                var starts = new List<int> { 0 };
                for (var i = 0; i < Text.Length; i++)
                {
                    if (Text[i] == '\n')
                    {
                        starts.Add(i + 1);
                    }
                }

                _lineStarts = [.. starts];
            }

            return _lineStarts;
        }
    }
}
