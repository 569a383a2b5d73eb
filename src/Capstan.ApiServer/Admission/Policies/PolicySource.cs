using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.ApiServer.Admission.Policies;

/// <summary>Reads the expressions of a ValidatingAdmissionPolicy.</summary>
internal static class PolicySource
{
    /// <param name="spec">The spec.</param>
    public static AdmissionPolicySource Read(JsonNode? spec) => new()
    {
        HasParams = spec.Map("paramKind") is not null,
        IgnoresFailures = spec.Text("failurePolicy") == "Ignore",

        // Of two variables with one name the later counts.
        Variables = [.. Named(spec, "variables", "name", "expression").Reverse().DistinctBy(v => v.Name).Reverse()],
        MatchConditions = Named(spec, "matchConditions", "name", "expression"),
        Validations = [.. spec.Items("validations").Select(v => new AdmissionValidation(v.Text("expression") ?? "")
        {
            Message = v.Text("message"),
            MessageExpression = string.IsNullOrWhiteSpace(v.Text("messageExpression")) ? null : v.Text("messageExpression"),
            Reason = v.Text("reason") is { Length: > 0 } reason ? reason : StatusReasons.Invalid,
        })],
        AuditAnnotations = Named(spec, "auditAnnotations", "key", "valueExpression"),
    };

    private static ImmutableArray<NamedExpression> Named(JsonNode? spec, string list, string name, string expression) =>
        [.. spec.Items(list).Select(item => new NamedExpression(item.Text(name) ?? "", item.Text(expression) ?? ""))];
}
