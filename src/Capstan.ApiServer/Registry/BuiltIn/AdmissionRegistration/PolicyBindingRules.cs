using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Rules of ValidatingAdmissionPolicyBindings.</summary>
internal sealed class PolicyBindingRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];
    private static readonly string[] NotFoundActions = ["Deny", "Allow"];

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var policy = obj.Text("spec", "policyName") ?? "";
        if (policy.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.policyName"));
        }
        else
        {
            MetadataRules.Add(errors, "spec.policyName", policy, Naming.SubdomainFaults(policy));
        }

        if (obj.Map("spec", "paramRef") is { } reference)
        {
            CheckReference(reference, errors);
        }

        if (obj.Map("spec", "matchResources") is { } resources)
        {
            MatchResourcesValidation.Check(resources, "spec.matchResources", errors);
        }

        CheckActions(obj.Items("spec", "validationActions"), obj.At("spec", "validationActions"), errors);
    }

    private static void CheckReference(JsonObject reference, ICollection<FieldError> errors)
    {
        var (name, selector) = (reference.Text("name") ?? "", reference.Map("selector"));
        if (name.Length > 0)
        {
            MetadataRules.Add(errors, "spec.paramRef.name", name, Naming.PathSegment(name, false));
            if (selector is not null)
            {
                errors.Add(FieldErrors.Forbidden("spec.paramRef.name", "name and selector are mutually exclusive"));
            }
        }

        if (selector is not null)
        {
            MetadataRules.CheckSelector(selector, "spec.paramRef.selector", errors);
            if (name.Length > 0)
            {
                errors.Add(FieldErrors.Forbidden("spec.paramRef.selector", "name and selector are mutually exclusive"));
            }
        }

        if (name.Length == 0 && selector is null)
        {
            errors.Add(FieldErrors.Required("spec.paramRef", "one of name or selector must be specified"));
        }

        if (string.IsNullOrEmpty(reference.Text("parameterNotFoundAction")))
        {
            errors.Add(FieldErrors.Required("spec.paramRef.parameterNotFoundAction"));
        }
        else
        {
            RuleValidation.CheckSupported(reference.At("parameterNotFoundAction"), "spec.paramRef.parameterNotFoundAction", NotFoundActions, errors);
        }
    }

    private static void CheckActions(IList<JsonNode?> actions, JsonNode? all, ICollection<FieldError> errors)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < actions.Count; i++)
        {
            RuleValidation.CheckSupported(actions[i], $"spec.validationActions[{i}]", Actions, errors);
            if (!seen.Add(actions[i].Text() ?? ""))
            {
                errors.Add(FieldErrors.Duplicate($"spec.validationActions[{i}]", actions[i]));
            }
        }

        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Add(FieldErrors.Invalid(
                "spec.validationActions",
                all,
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"));
        }

        if (seen.Count == 0)
        {
            errors.Add(FieldErrors.Required("spec.validationActions", "at least one validation action is required"));
        }
    }
}
