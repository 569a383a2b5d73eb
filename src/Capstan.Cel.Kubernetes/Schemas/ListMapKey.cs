namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>The values that tell an item of a list of type map from the others.</summary>
internal readonly struct ListMapKey(CelValue[] values) : IEquatable<ListMapKey>
{
    private readonly CelValue[] _values = values;

    public bool Equals(ListMapKey other) => _values.AsSpan().SequenceEqual(other._values, KeyPart.Instance);

    public override bool Equals(object? obj) => obj is ListMapKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in _values)
        {
            hash.Add(KeyPart.Instance.GetHashCode(value));
        }

        return hash.ToHashCode();
    }

    private sealed class KeyPart : IEqualityComparer<CelValue>
    {
        public static KeyPart Instance { get; } = new();

        // Absent is absent, and null is null.
        public bool Equals(CelValue x, CelValue y) => x.Kind == CelKind.None ? y.Kind == CelKind.None : StrictEquality.Instance.Equals(x, y);

        public int GetHashCode(CelValue obj) => StrictEquality.Instance.GetHashCode(obj);
    }
}
