using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Makes faults with the words of Kubernetes (apimachinery <c>field.Error</c>).</summary>
public static class FieldErrors
{
    /// <summary>A field that must be there is not, or is empty.</summary>
    public static FieldError Required(string path, string detail = "") => Of(FieldErrorReasons.Required, path, "Required value", detail);

    /// <summary>The value is not allowed.</summary>
    public static FieldError Invalid(string path, string value, string detail) => Of(FieldErrorReasons.Invalid, path, $"Invalid value: {GoFormat.Quote(value)}", detail);

    /// <summary>The value is not allowed.</summary>
    public static FieldError Invalid(string path, JsonNode? value, string detail) => Of(FieldErrorReasons.Invalid, path, $"Invalid value: {GoFormat.Value(value)}", detail);

    /// <summary>The value is of a type that is not allowed.</summary>
    public static FieldError TypeInvalid(string path, JsonNode? value, string detail) => Of(FieldErrorReasons.TypeInvalid, path, $"Invalid value: {GoFormat.Value(value)}", detail);

    /// <summary>The value is none of the supported ones.</summary>
    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<string> supported)
    {
        var quoted = string.Join(", ", supported.Select(GoFormat.Quote));
        return Of(FieldErrorReasons.NotSupported, path, $"Unsupported value: {GoFormat.Value(value)}", quoted.Length == 0 ? "" : $"supported values: {quoted}");
    }

    /// <summary>The field may not be set, or not be changed.</summary>
    public static FieldError Forbidden(string path, string detail) => Of(FieldErrorReasons.Forbidden, path, "Forbidden", detail);

    /// <summary>The value occurs twice where it may occur once.</summary>
    public static FieldError Duplicate(string path, JsonNode? value) => Of(FieldErrorReasons.Duplicate, path, $"Duplicate value: {GoFormat.Value(value)}", "");

    /// <summary>What the value refers to is not there.</summary>
    public static FieldError NotFound(string path, JsonNode? value) => Of(FieldErrorReasons.NotFound, path, $"Not found: {GoFormat.Value(value)}", "");

    /// <summary>The string, or the whole value, exceeds a number of bytes.</summary>
    public static FieldError TooLong(string path, long maximum) => Of(FieldErrorReasons.TooLong, path, "Too long", $"may not be more than {maximum} {(maximum == 1 ? "byte" : "bytes")}");

    /// <summary>The list or map has too many entries.</summary>
    public static FieldError TooMany(string path, long count, long maximum) =>
        Of(FieldErrorReasons.TooMany, path, $"Too many: {count}", $"must have at most {maximum} {(maximum == 1 ? "item" : "items")}");

    private static FieldError Of(string reason, string path, string what, string detail) => new(reason, path, detail.Length == 0 ? what : $"{what}: {detail}");
}
