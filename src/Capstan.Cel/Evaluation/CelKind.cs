namespace Capstan.Cel.Evaluation;

/// <summary>What a value is at run time.</summary>
internal enum CelKind : byte
{
    /// <summary>No value: the default of the struct, an unbound variable.</summary>
    None,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Timestamp,
    Duration,
    Type,
    Optional,

    /// <summary>A value of a library's own type, see <see cref="ICelObject"/>.</summary>
    Object,
    Error,
}
