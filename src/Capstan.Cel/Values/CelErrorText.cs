namespace Capstan.Cel.Values;

/// <summary>The words of an error, as cel-go says them where it has the same error.</summary>
internal static class CelErrorText
{
    /// <summary>The text of <paramref name="kind"/>; <paramref name="first"/> and <paramref name="second"/> are the operands that the kind speaks of.</summary>
    public static string Of(CelErrorKind kind, long first = 0, long second = 0) => kind switch
    {
        CelErrorKind.None => "",
        CelErrorKind.IntOverflow => "integer overflow",
        CelErrorKind.UintOverflow => "unsigned integer overflow",
        CelErrorKind.DivisionByZero => "division by zero",
        CelErrorKind.ModulusByZero => "modulus by zero",
        CelErrorKind.TimestampOverflow => "timestamp overflow",
        CelErrorKind.NanOrdering => "NaN values cannot be ordered",
        CelErrorKind.TypeConversion => "type conversion error",
        CelErrorKind.InvalidUtf8 => "invalid UTF-8 in bytes, cannot convert to string",
        CelErrorKind.IndexOutOfRange => $"index out of range: {first}",
        CelErrorKind.InvalidSubstringRange => $"invalid substring range. start: {first}, end: {second}",
        CelErrorKind.UnknownTimeZone => "unknown time zone",
        CelErrorKind.NegativeShiftLeft => $"math.bitShiftLeft() negative offset: {first}",
        CelErrorKind.NegativeShiftRight => $"math.bitShiftRight() negative offset: {first}",
        CelErrorKind.InvalidBase64 => $"illegal base64 data at input byte {first}",
        CelErrorKind.ResultTooLarge => $"the resulting string is longer than {CelText.MaxLength} characters",
        CelErrorKind.EmptyList => "argument must not be empty",
        _ => kind.ToString(),
    };

    /// <summary>A failed conversion, with CEL's names of both types.</summary>
    public static string Conversion(string from, string to) => $"type conversion error from '{from}' to '{to}'";

    /// <summary>A time zone that is not there.</summary>
    public static string TimeZone(string name) => $"unknown time zone {name}";
}
