using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>An entry of <c>x-kubernetes-validations</c> as it is written; empty text where there is none.</summary>
internal sealed record ValidationRule(string Rule, string Message, string MessageExpression, string? Reason, string FieldPath, bool? OptionalOldSelf)
{
    /// <summary>What messages call the rule.</summary>
    public string Title => Message.Length > 0 ? Message.Trim() : Rule.Trim();

    /// <summary>What is wrong where the rule is false, unless its message expression says more.</summary>
    public string Detail => Message.Length > 0 ? Message.Trim() : $"failed rule: {Title}";

    public static ValidationRule[] Of(Schema schema) => schema.Validations is not { } rules ? [] : [.. rules.Select(Of)];

    /// <summary>As Go writes it in an error: all fields in their order, with Go's names and escapes.</summary>
    public string ToGoJson()
    {
        static string Text(JsonNode? value) => GoFormat.Json(value)
            .Replace("<", "\\u003c", StringComparison.Ordinal)
            .Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal);
        return $"{{\"Rule\":{Text(Rule)},\"Message\":{Text(Message)},\"MessageExpression\":{Text(MessageExpression)},\"Reason\":{Text(Reason)},"
            + $"\"FieldPath\":{Text(FieldPath)},\"OptionalOldSelf\":{Text(OptionalOldSelf)}}}";
    }

    private static ValidationRule Of(JsonNode? rule) => new(
        Text(rule, "rule") ?? "",
        Text(rule, "message") ?? "",
        Text(rule, "messageExpression") ?? "",
        Text(rule, "reason"),
        Text(rule, "fieldPath") ?? "",
        (rule as JsonObject)?["optionalOldSelf"] is JsonValue value && value.TryGetValue<bool>(out var optional) ? optional : null);

    private static string? Text(JsonNode? rule, string member) =>
        (rule as JsonObject)?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
