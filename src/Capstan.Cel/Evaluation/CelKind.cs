namespace Capstan.Cel;

/// <summary>What a value is at run time.</summary>
public enum CelKind : byte
{
    /// <summary>No value: the default of the struct, an unbound variable.</summary>
    None,

    /// <summary><c>null</c></summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>64 bits with sign.</summary>
    Int,

    /// <summary>64 bits without sign.</summary>
    Uint,

    /// <summary>IEEE 754, 64 bits.</summary>
    Double,

    /// <summary>Text, counted in code points.</summary>
    String,

    /// <summary>Octets.</summary>
    Bytes,

    /// <summary>Values in order.</summary>
    List,

    /// <summary>Keys and values.</summary>
    Map,

    /// <summary>A point in time, in nanoseconds.</summary>
    Timestamp,

    /// <summary>A span of time, in nanoseconds.</summary>
    Duration,

    /// <summary>A type.</summary>
    Type,

    /// <summary>A value or none.</summary>
    Optional,

    /// <summary>A value of a library's own type, see <see cref="ICelObject"/>.</summary>
    Object,

    /// <summary>No value: why there is none.</summary>
    Error,
}
