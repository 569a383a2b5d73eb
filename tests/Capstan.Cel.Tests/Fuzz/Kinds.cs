namespace Capstan.Cel.Tests.Fuzz;

/// <summary>What kind of value a generated expression shall have.</summary>
internal enum Kinds
{
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Type,
    Ints,
    Strings,
    Lists,
    Numbers,
    Counts,
    Optional,
    OptionalText,
    Dyn,
}
