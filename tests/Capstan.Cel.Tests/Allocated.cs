namespace Capstan;

/// <summary>What an action allocates on this thread, exactly.</summary>
internal static class Allocated
{
    private const int Rounds = 5;

    /// <summary>
    /// The least of a few rounds: a collection that another test brings about takes the rest of this thread's allocation block away, and the
    /// counter then shows what nobody asked for.
    /// </summary>
    public static long By(Action action)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
