namespace Capstan.Watching;

/// <summary>Orders resourceVersions of one kind (KEP-5504).</summary>
internal static class ResourceVersions
{
    /// <summary>Negative, zero or positive as <paramref name="left"/> is older than, equal to or newer than <paramref name="right"/>; null if they cannot be ordered.</summary>
    /// <remarks>Only decimal numbers without leading zero are ordered; other servers than Kubernetes' own may use any text, which is equal or not.</remarks>
    public static int? Compare(string? left, string? right)
    {
        if (left is null || right is null)
        {
            return null;
        }

        if (string.Equals(left, right, StringComparison.Ordinal))
        {
            return 0;
        }

        if (!IsNumber(left) || !IsNumber(right))
        {
            return null;
        }

        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right);
    }

    private static bool IsNumber(string version) => version.Length > 0 && version[0] is >= '1' and <= '9' && !version.AsSpan().ContainsAnyExceptInRange('0', '9');
}
