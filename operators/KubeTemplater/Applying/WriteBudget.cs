namespace KubeTemplater.Applying;

/// <summary>Counts the operator's writes, so that marks for people make up a fiftieth of them at most: they are written when templates wait, which is when the server is busy.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WriteBudget
{
    /// <summary>Writes for which one mark may be written.</summary>
    public const int WritesPerMark = 50;

    /// <summary>Marks that are saved up at most: hours of little work must not end in thousands of marks.</summary>
    public const int MostSaved = 20;

    private long _saved;

    /// <summary>An apply, delete or status write was sent.</summary>
    public void CountWrite()
    {
        if (Interlocked.Increment(ref _saved) > MostSaved * WritesPerMark)
        {
            Interlocked.Decrement(ref _saved);
        }
    }

    /// <summary>Takes one mark from the budget; false when there is none.</summary>
    public bool TryTakeMark()
    {
        while (true)
        {
            var saved = Interlocked.Read(ref _saved);
            if (saved < WritesPerMark)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _saved, saved - WritesPerMark, saved) == saved)
            {
                return true;
            }
        }
    }
}
