using System.Runtime.CompilerServices;

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
        CelKind.Bytes when obj.Bytes is { Length: > 0 } bytes => HashCode.Combine(bytes.Length, bytes[0], bytes[^1], bytes[bytes.Length / 2]),
        CelKind.List => obj.List is { IsUnordered: true } set ? set.Count : OfList(obj.List),
        CelKind.Map => obj.Map.Count,
        CelKind.Object => obj.Object.GetHashCode(),
        _ => (int)obj.Kind,
    };

    private int OfList(CelList list)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var hash = new HashCode();
        for (var i = 0; i < list.Count; i++)
        {
            hash.Add(GetHashCode(list[i]));
        }

        return hash.ToHashCode();
    }
}
