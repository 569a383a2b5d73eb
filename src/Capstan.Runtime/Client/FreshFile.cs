namespace Capstan.Client;

/// <summary>A text file that others replace now and then: read again after at most a minute. While it cannot be read, what it said last holds.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FreshFile(string path, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    /// <summary>The text without white space around it; the same instance as long as the text is the same.</summary>
    /// <exception cref="IOException">It could never be read, or has always been empty.</exception>
    public ValueTask<string> ReadAsync(CancellationToken cancellationToken)
    {
        var last = _last;
        return last is { IsRefused: false } && time.GetElapsedTime(last.At) < Lifetime ? ValueTask.FromResult(last.Text) : ReadAgainAsync(last, cancellationToken);
    }

    /// <summary>What the file said is not good any more: the next read is a real one.</summary>
    public void Refuse(string text)
    {
        // Another request may have read the next text already.
        if (_last is { } last && last.Text == text)
        {
            _last = last with { IsRefused = true };
        }
    }

    private async ValueTask<string> ReadAgainAsync(Reading? last, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Being replaced right now, perhaps: the old text is good for a while.
            return last?.Text ?? throw new IOException(error.Message, error);
        }

        if (text.Length == 0)
        {
            return last?.Text ?? throw new IOException($"{path} is empty");
        }

        var now = new Reading(text == last?.Text ? last.Text : text, time.GetTimestamp(), IsRefused: false);
        _last = now;
        return now.Text;
    }

    private sealed record Reading(string Text, long At, bool IsRefused);
}
