namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>A value that no schema describes. Nothing can be done with it but comparing the objects that it is in.</summary>
internal sealed class UnknownValue(CelValue raw) : ICelObject
{
    public CelValue Raw => raw;

    public string TypeName => "unknown";

    public override bool Equals(object? obj) => obj is UnknownValue other && StrictEquality.Instance.Equals(raw, other.Raw);

    public override int GetHashCode() => StrictEquality.Instance.GetHashCode(raw);
}
