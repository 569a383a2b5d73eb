namespace Capstan.Schemas;

/// <summary>One fault of a value, as Kubernetes reports it (apimachinery <c>field.Error</c>).</summary>
/// <param name="Reason">Cause reason of the Status, one of <see cref="FieldErrorReasons"/>.</param>
/// <param name="Field">Path, for example <c>spec.containers[0].image</c>.</param>
/// <param name="Message">As in the cause: for example <c>Required value: must be set</c>.</param>
public sealed record FieldError(string Reason, string Field, string Message)
{
    /// <summary>How the fault reads in the message of the Status.</summary>
    public override string ToString() => $"{Field}: {Message}";
}

/// <summary>Reasons of field faults (apimachinery meta/v1 CauseType).</summary>
public static class FieldErrorReasons
{
#pragma warning disable CS1591 // each is its own meaning
    public const string NotFound = "FieldValueNotFound";
    public const string Required = "FieldValueRequired";
    public const string Duplicate = "FieldValueDuplicate";
    public const string Invalid = "FieldValueInvalid";
    public const string NotSupported = "FieldValueNotSupported";
    public const string Forbidden = "FieldValueForbidden";
    public const string TooLong = "FieldValueTooLong";
    public const string TooMany = "FieldValueTooMany";
    public const string TypeInvalid = "FieldValueTypeInvalid";
#pragma warning restore CS1591
}
