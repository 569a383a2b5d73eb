namespace Capstan.Cel;

/// <summary>The shapes of types.</summary>
public enum CelTypeKind
{
    /// <summary>Known only at run time: goes with everything.</summary>
    Dyn,

    /// <summary>Of a node with an error: goes with everything, so that one mistake is reported once.</summary>
    Error,

    /// <summary><c>null</c></summary>
    Null,

    /// <summary>bool</summary>
    Bool,

    /// <summary>int</summary>
    Int,

    /// <summary>uint</summary>
    Uint,

    /// <summary>double</summary>
    Double,

    /// <summary>string</summary>
    String,

    /// <summary>bytes</summary>
    Bytes,

    /// <summary>google.protobuf.Timestamp</summary>
    Timestamp,

    /// <summary>google.protobuf.Duration</summary>
    Duration,

    /// <summary>Of a value that is a type; the parameter, where known, is that type.</summary>
    Type,

    /// <summary>The parameter is the type of the elements.</summary>
    List,

    /// <summary>The parameters are the types of keys and values.</summary>
    Map,

    /// <summary>A primitive or null; the parameter is the primitive.</summary>
    Wrapper,

    /// <summary>A named abstract type, <c>optional_type</c> and <c>net.IP</c> for instance.</summary>
    Opaque,

    /// <summary>Named fields: <see cref="CelObjectType"/>.</summary>
    Object,

    /// <summary>Stands for any type, the same one throughout a signature.</summary>
    Parameter,
}
