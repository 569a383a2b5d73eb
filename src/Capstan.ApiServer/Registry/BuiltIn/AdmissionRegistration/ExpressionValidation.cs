using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Kubernetes.Admission;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Faults of expressions in webhooks and policies: each must compile and have the type that is wanted.</summary>
internal static class ExpressionValidation
{
    private const int MostConditions = 64;

    /// <summary>Conditions under which a webhook or a policy is asked.</summary>
    /// <param name="owner">What has the field <c>matchConditions</c>.</param>
    /// <param name="hasParams">Whether they may use <c>params</c>.</param>
    /// <param name="path">Path of the owner.</param>
    /// <param name="known">Expressions that are stored already: what a later version wrote may stay.</param>
    /// <param name="errors">Receives the faults.</param>
    public static void CheckConditions(JsonNode? owner, bool hasParams, string path, IReadOnlySet<string> known, ICollection<FieldError> errors)
    {
        var conditions = owner.Items("matchConditions");
        path += ".matchConditions";
        if (conditions.Count > MostConditions)
        {
            errors.Add(FieldErrors.TooMany(path, conditions.Count, MostConditions));
        }

        var names = new HashSet<string>();
        for (var i = 0; i < conditions.Count; i++)
        {
            var (name, expression) = (conditions[i].Text("name") ?? "", (conditions[i].Text("expression") ?? "").Trim());
            if (expression.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].expression"));
            }
            else if (Fault(new() { HasParams = hasParams, MatchConditions = [new(name, expression)] }, known.Contains(expression), name) is { } fault)
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].expression", expression, fault));
            }

            if (name.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].name"));
                continue;
            }

            MetadataRules.Add(errors, $"{path}[{i}].name", name, LabelSyntax.KeyFaults(name));
            if (!names.Add(name))
            {
                errors.Add(FieldErrors.Duplicate($"{path}[{i}].name", conditions[i].At("name")));
            }
        }
    }

    /// <summary>Why one of the expressions of a policy cannot be used; null when it can.</summary>
    /// <param name="policy">The expression, and what it may use.</param>
    /// <param name="isStored">Whether it is stored already.</param>
    /// <param name="name">Its name among the faults of the policy.</param>
    public static string? Fault(AdmissionPolicySource policy, bool isStored, string name)
    {
        var environment = KubernetesEnvironment.Of(1, 36, isStored ? CelExpressionsMode.Stored : CelExpressionsMode.New);
        return AdmissionPolicy.Compile(policy, environment).Faults.LastOrDefault(fault => fault.Name == name)?.Message;
    }
}
