using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>What a fact's <c>expect</c> says: a value, or an error with words of its message.</summary>
internal static class FactExpectation
{
    /// <summary>Why the result of an evaluation, a value or an error, is not what is expected; null when it is.</summary>
    public static string? Judge(JsonNode expect, in CelValue result) =>
        result.IsError ? JudgeError(expect, "runtime", result.ErrorMessage)
        : expect["value"] is { } value ? FactValue.Mismatch(value, result)
        : $"expected {expect.ToJsonString()}, got {result.TypeName} {result}";

    /// <summary>Why an error is not what is expected; null when it is.</summary>
    /// <param name="expect">What the fact says.</param>
    /// <param name="kind"><c>compile</c> or <c>runtime</c>.</param>
    /// <param name="message">All that is said.</param>
    public static string? JudgeError(JsonNode expect, string kind, string message) =>
        expect["error_kind"] is not { } wanted ? $"expected {expect.ToJsonString()}, got the {kind} error {message}"
        : (string)wanted! != kind ? $"expected an error of kind {wanted}, got the {kind} error {message}"
        : MissingIn(expect, message) is { } piece ? $"the {kind} error lacks '{piece}': {message}"
        : null;

    /// <summary>What the message should say and does not, null when it says all.</summary>
    public static string? MissingIn(JsonNode expect, string message) =>
        Strings(expect["error_equals"]).FirstOrDefault(text => message != text)
        ?? Strings(expect["error_contains"]).FirstOrDefault(text => !message.Contains(text, StringComparison.Ordinal))
        ?? Strings(expect["error_regex"]).FirstOrDefault(text => !Regex.Re2.Compile(text).IsMatch(message));

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        null => [],
        JsonArray several => several.Select(item => (string)item!),
        _ => [(string)node!],
    };
}
