namespace KubeTemplater.Applying;

/// <summary>Counts the operator's writes, so that marks for people never make up more than a tenth of them.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WriteBudget
{
    private const int WritesPerMark = 10;
    private long _writes;
    private long _marks;

    /// <summary>An apply, delete or status write was sent.</summary>
    public void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>Takes one mark from the budget; false when that would be more than a tenth of all writes, the mark included.</summary>
    public bool TryTakeMark()
    {
        while (true)
        {
            var marks = Interlocked.Read(ref _marks);
            if ((marks + 1) * WritesPerMark > Interlocked.Read(ref _writes) + marks + 1)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _marks, marks + 1, marks) == marks)
            {
                return true;
            }
        }
    }
}
