namespace Capstan.Queueing;

/// <summary>A source of chance that several threads use: a seeded one is not thread-safe.</summary>
internal sealed class SharedRandom(Random random)
{
    private readonly Lock _gate = new();

    /// <summary>At least 0 and under 1.</summary>
    public double Next()
    {
        lock (_gate)
        {
            return random.NextDouble();
        }
    }

    /// <summary>The time, lengthened by chance by up to this part of it.</summary>
    public TimeSpan Lengthen(TimeSpan time, double part)
    {
        var added = time.Ticks * part * Next();
        return added >= TimeSpan.MaxValue.Ticks - time.Ticks ? TimeSpan.MaxValue : time + TimeSpan.FromTicks((long)added);
    }
}
