namespace Capstan.Cel.Checking;

/// <summary>The shapes of types.</summary>
internal enum CelTypeKind
{
    /// <summary>Known only at run time: goes with everything.</summary>
    Dyn,

    /// <summary>Of a node with an error: goes with everything, so that one mistake is reported once.</summary>
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,

    /// <summary>Of a value that is a type; the parameter, where known, is that type.</summary>
    Type,
    List,
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
