namespace Capstan.Diagnostics;

/// <summary>Names one run in logs: unique in this process, and as good as unique among several.</summary>
internal readonly record struct ReconcileId(ulong Value)
{
    // An odd factor takes each number once before it repeats, and neighbours look unlike each other.
    private const ulong Factor = 0x9E3779B97F4A7C15;
    private static readonly ulong Seed = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());
    private static ulong s_count;

    public static ReconcileId Next() => new(Seed + Interlocked.Increment(ref s_count) * Factor);

    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
