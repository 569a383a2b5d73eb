namespace Capstan.Cel.Evaluation;

/// <summary>Keys by CEL's equality; numbers of all types on one line.</summary>
internal sealed class KeyComparer : IEqualityComparer<CelValue>
{
    public static KeyComparer Instance { get; } = new();

    public bool Equals(CelValue x, CelValue y) => CelEquality.Equal(x, y);

    public int GetHashCode(CelValue obj) => obj.Kind switch
    {
        CelKind.Int or CelKind.Uint or CelKind.Double => obj.Number.GetHashCode(),
        CelKind.String or CelKind.Type => string.GetHashCode(obj.String, StringComparison.Ordinal),
        CelKind.Bool => obj.Bool ? 1 : 2,
        CelKind.Timestamp => obj.Timestamp.GetHashCode(),
        CelKind.Duration => obj.Duration.GetHashCode(),
        _ => (int)obj.Kind,
    };
}
