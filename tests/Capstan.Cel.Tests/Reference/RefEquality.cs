namespace Capstan.Cel.Tests.Reference;

/// <summary>Equality of any two values, and the order of those that have one.</summary>
internal static class RefEquality
{
    public static bool Equal(RefValue a, RefValue b)
    {
        if (IsNumber(a) && IsNumber(b))
        {
            return Order(a, b) == 0;
        }

        return (a, b) switch
        {
            (RefNull, RefNull) => true,
            (RefBool x, RefBool y) => x.Value == y.Value,
            (RefString x, RefString y) => string.Equals(x.Value, y.Value, StringComparison.Ordinal),
            (RefBytes x, RefBytes y) => x.Value.SequenceEqual(y.Value),
            (RefTimestamp x, RefTimestamp y) => x.Nanoseconds == y.Nanoseconds,
            (RefDuration x, RefDuration y) => x.Nanoseconds == y.Nanoseconds,
            (RefType x, RefType y) => x.Name == y.Name,
            (RefOptional { Value: null }, RefOptional { Value: null }) => true,
            (RefOptional { Value: { } x }, RefOptional { Value: { } y }) => Equal(x, y),
            (RefList x, RefList y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Equal(p.First, p.Second)),
            (RefMap x, RefMap y) => x.Entries.Count == y.Entries.Count
                && x.Entries.All(e => y.Find(e.Key) is { } other && Equal(e.Value, other)),
            _ => false,
        };
    }

    /// <summary>-1, 0 or 1; null for values that have no order.</summary>
    public static int? Order(RefValue a, RefValue b) => (a, b) switch
    {
        (RefBool x, RefBool y) => x.Value.CompareTo(y.Value),
        (RefString x, RefString y) => Sequence(x.CodePoints, y.CodePoints),
        (RefBytes x, RefBytes y) => Sequence([.. x.Value.Select(o => (int)o)], [.. y.Value.Select(o => (int)o)]),
        (RefTimestamp x, RefTimestamp y) => x.Nanoseconds.CompareTo(y.Nanoseconds),
        (RefDuration x, RefDuration y) => x.Nanoseconds.CompareTo(y.Nanoseconds),
        (RefInt x, RefInt y) => x.Value.CompareTo(y.Value),
        (RefUint x, RefUint y) => x.Value.CompareTo(y.Value),
        (RefInt x, RefUint y) => x.Value.CompareTo(y.Value),
        (RefUint x, RefInt y) => x.Value.CompareTo(y.Value),
        (RefDouble x, RefDouble y) => Doubles(x.Value, y.Value),

        // The definition is lossy here: the integer becomes a double once the double is known to be in its range.
        (RefDouble x, RefInt y) => x.Value < -Math.Pow(2, 63) ? -1 : x.Value > Math.Pow(2, 63) ? 1 : Doubles(x.Value, (double)(long)y.Value),
        (RefDouble x, RefUint y) => x.Value < 0 ? -1 : x.Value > Math.Pow(2, 64) ? 1 : Doubles(x.Value, (double)(ulong)y.Value),
        (RefInt or RefUint, RefDouble) => -Order(b, a),
        _ => null,
    };

    public static bool IsNumber(RefValue value) => value is RefInt or RefUint or RefDouble;

    private static int? Doubles(double x, double y) => x < y ? -1 : x > y ? 1 : x == y ? 0 : null;

    private static int Sequence(int[] x, int[] y)
    {
        for (var i = 0; i < x.Length && i < y.Length; i++)
        {
            if (x[i] != y[i])
            {
                return x[i] < y[i] ? -1 : 1;
            }
        }

        return x.Length.CompareTo(y.Length);
    }
}
