namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>What the values of a schema become.</summary>
internal enum ShapeKind
{
    /// <summary>Of no type: every value is an error.</summary>
    Invalid,

    /// <summary>Of no type, but kept (<c>x-kubernetes-preserve-unknown-fields</c>): expressions cannot name it, yet it counts in <c>==</c>.</summary>
    Unknown,
    IntOrString,

    /// <summary>Named fields, or none.</summary>
    Object,

    /// <summary>Any names, values of one schema.</summary>
    Map,
    Array,
    String,
    Bytes,
    Duration,
    Date,
    DateTime,
    Number,
    Integer,
    Boolean,
}
