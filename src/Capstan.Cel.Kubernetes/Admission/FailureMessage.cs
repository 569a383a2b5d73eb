using System.Text;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What is said of a validation that is false: the first of three texts that will do.</summary>
internal static class FailureMessage
{
    /// <param name="validation">The validation.</param>
    /// <param name="computed">What its message expression came to, the default where it has none.</param>
    public static string Of(AdmissionValidation validation, in ExpressionResult computed)
    {
        var text = computed is { Error: null, Value.Kind: CelKind.String } ? Usable(computed.Value.String.Trim()) : "";
        return text.Length > 0 ? text
            : string.IsNullOrWhiteSpace(validation.Message) ? $"failed expression: {validation.Expression.Trim()}"
            : validation.Message.Trim();
    }

    private static string Usable(string text) => text.Contains('\n', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(text) > CelBudgets.MessageBytes ? "" : text;
}
