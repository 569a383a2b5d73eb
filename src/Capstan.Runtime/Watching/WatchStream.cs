namespace Capstan.Watching;

/// <summary>One open watch, cut into lines. Not thread-safe.</summary>
internal sealed class WatchStream(AnswerStream answer) : IDisposable
{
    // Of what was read: the line that was given out last, with its end; and how far there is no line end after it.
    private int _given;
    private int _scanned;

    public AnswerStream Answer => answer;

    /// <summary>Lines read so far.</summary>
    public int Lines { get; private set; }

    /// <summary>The line that was read last, without its end; valid until the next is read.</summary>
    public ReadOnlySpan<byte> Line => answer.Unread[..(_given - 1)];

    /// <summary>Reads the next line into <see cref="Line"/>; false at the end. A last line without line end was cut, and is dropped.</summary>
    /// <exception cref="WatchSilenceException">The deadline passed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask<bool> ReadLineAsync(CancellationToken cancellationToken) =>
        FindLine() ? ValueTask.FromResult(true) : ReadUntilLineAsync(cancellationToken);

    public void Dispose() => answer.Dispose();

    private async ValueTask<bool> ReadUntilLineAsync(CancellationToken cancellationToken)
    {
        while (await answer.ReadMoreAsync(cancellationToken))
        {
            if (FindLine())
            {
                return true;
            }
        }

        return false;
    }

    private bool FindLine()
    {
        answer.Consume(_given);
        (_scanned, _given) = (_scanned - _given, 0);
        while (true)
        {
            var unread = answer.Unread;
            var found = unread[_scanned..].IndexOf((byte)'\n');
            if (found < 0)
            {
                _scanned = unread.Length;
                return false;
            }

            var end = _scanned + found;
            if (!unread[..end].Trim(" \t\r"u8).IsEmpty)
            {
                (_given, _scanned) = (end + 1, end + 1);
                Lines++;
                return true;
            }

            // Blank lines are allowed between events.
            answer.Consume(end + 1);
            _scanned = 0;
        }
    }
}
