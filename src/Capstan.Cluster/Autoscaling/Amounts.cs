namespace Capstan.Cluster.Autoscaling;

/// <summary>Quantities in thousandths, as the replica calculator counts them.</summary>
internal static class Amounts
{
    /// <summary>Rounded up; at most what 64 bits hold.</summary>
    public static long Milli(Quantity quantity)
    {
        var milli = Math.Ceiling(Math.Round(quantity.AsApproximateDouble() * 1000, 6));
        return milli >= long.MaxValue ? long.MaxValue : (long)milli;
    }

    /// <summary>As a status writes it: memory in powers of two, where it is whole.</summary>
    public static string Text(long milli, string resource) =>
        resource == "memory" && milli % 1000 == 0 ? Quantity.FromInt64(milli / 1000, QuantityFormat.BinarySI).ToString() : Quantity.FromInt64(0).Add(Quantity.Parse($"{milli}m")).ToString();
}
