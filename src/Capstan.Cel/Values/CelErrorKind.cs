namespace Capstan.Cel.Values;

/// <summary>Why an operation on values failed. The text is made by <see cref="CelErrorText"/> only when somebody reads it.</summary>
public enum CelErrorKind
{
    /// <summary>No error.</summary>
    None,

    /// <summary>A result or a converted value leaves int64 (durations too, being int64 nanoseconds).</summary>
    IntOverflow,

    /// <summary>A result or a converted value leaves uint64.</summary>
    UintOverflow,

    /// <summary>Division by zero of int or uint.</summary>
    DivisionByZero,

    /// <summary>Remainder by zero of int or uint.</summary>
    ModulusByZero,

    /// <summary>A timestamp before year 1 or after year 9999.</summary>
    TimestampOverflow,

    /// <summary>An ordering of numbers of which one is NaN.</summary>
    NanOrdering,

    /// <summary>The value has no form in the wanted type, e.g. <c>int('x')</c>.</summary>
    TypeConversion,

    /// <summary>Bytes that are no UTF-8 cannot be a string.</summary>
    InvalidUtf8,

    /// <summary>A position in a string that it has not.</summary>
    IndexOutOfRange,

    /// <summary>A substring whose start is after its end.</summary>
    InvalidSubstringRange,

    /// <summary>Neither an IANA name of the machine's time zone data nor an offset.</summary>
    UnknownTimeZone,

    /// <summary>A shift to the left by a negative number of bits.</summary>
    NegativeShiftLeft,

    /// <summary>A shift to the right by a negative number of bits.</summary>
    NegativeShiftRight,

    /// <summary>Text that is no base64.</summary>
    InvalidBase64,

    /// <summary>A string result longer than <see cref="CelText.MaxLength"/>.</summary>
    ResultTooLarge,

    /// <summary>The smallest or greatest of nothing.</summary>
    EmptyList,
}
