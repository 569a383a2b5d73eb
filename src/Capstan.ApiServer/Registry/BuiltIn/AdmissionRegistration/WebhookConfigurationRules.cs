using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Rules of MutatingWebhookConfigurations and ValidatingWebhookConfigurations.</summary>
internal sealed class WebhookConfigurationRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly string[] FailurePolicies = ["Fail", "Ignore"];
    private static readonly string[] MatchPolicies = ["Equivalent", "Exact"];
    private static readonly string[] ReinvocationPolicies = ["IfNeeded", "Never"];
    private static readonly string[] NoSideEffects = ["None", "NoneOnDryRun"];
    private static readonly string[] AllSideEffects = ["None", "NoneOnDryRun", "Some", "Unknown"];

    /// <inheritdoc/>
    public override bool DesiredStateChanged(JsonObject obj, JsonObject old) => !JsonNode.DeepEquals(obj["webhooks"], old["webhooks"]);

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => Check(obj, null, errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => Check(obj, old, errors);

    private static void Check(JsonObject obj, JsonObject? old, ICollection<FieldError> errors)
    {
        var (webhooks, before) = (obj.Items("webhooks"), old.Items("webhooks"));

        // What an older version let through may stay as it is.
        var mustBeHarmless = before.All(w => NoSideEffects.Contains(w.Text("sideEffects")));
        var mustBeKnown = before.All(w => w.Items("admissionReviewVersions") is { Count: 0 } || ReviewVersions.HasKnown(w.Items("admissionReviewVersions")));
        var mustBeUnique = before.Select(w => w.Text("name")).Distinct().Count() == before.Count;
        var known = before.SelectMany(w => w.Items("matchConditions")).Select(c => c.Text("expression") ?? "").ToHashSet();
        var sameConditions = old is not null && webhooks.Count == before.Count
            && webhooks.Zip(before).All(pair => JsonNode.DeepEquals(pair.First.At("matchConditions"), pair.Second.At("matchConditions")));
        var names = new HashSet<string>();
        for (var i = 0; i < webhooks.Count; i++)
        {
            var (webhook, path) = (webhooks[i], $"webhooks[{i}]");
            CheckName(webhook.Text("name") ?? "", $"{path}.name", errors);
            RuleValidation.Check(webhook.Items("rules"), $"{path}.rules", errors);
            CheckChoices(webhook, path, mustBeHarmless ? NoSideEffects : AllSideEffects, errors);
            WebhookAddresses.Check(webhook.At("clientConfig"), $"{path}.clientConfig", errors);
            if (!sameConditions)
            {
                ExpressionValidation.CheckConditions(webhook, hasParams: false, path, known, errors);
            }

            ReviewVersions.Check(webhook.Items("admissionReviewVersions"), $"{path}.admissionReviewVersions", "must specify one of v1, v1beta1", mustBeKnown, errors);
            if (mustBeUnique && webhook.Text("name") is { Length: > 0 } name && !names.Add(name))
            {
                errors.Add(FieldErrors.Duplicate($"{path}.name", webhook.At("name")));
            }
        }
    }

    private static void CheckName(string name, string path, ICollection<FieldError> errors)
    {
        if (name.Length == 0)
        {
            errors.Add(FieldErrors.Required(path));
        }
        else if (Naming.SubdomainFaults(name) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid(path, name, string.Join(',', faults)));
        }
        else if (name.Count(c => c == '.') < 2)
        {
            errors.Add(FieldErrors.Invalid(path, name, "should be a domain with at least three segments separated by dots"));
        }
    }

    private static void CheckChoices(JsonNode? webhook, string path, string[] sideEffects, ICollection<FieldError> errors)
    {
        CheckChoice("failurePolicy", FailurePolicies);
        CheckChoice("matchPolicy", MatchPolicies);
        if (webhook.At("sideEffects") is null)
        {
            errors.Add(FieldErrors.Required($"{path}.sideEffects", $"must specify one of {string.Join(", ", sideEffects)}"));
        }

        CheckChoice("sideEffects", sideEffects);
        if (webhook.Number("timeoutSeconds") is > 30 or < 1)
        {
            errors.Add(FieldErrors.Invalid($"{path}.timeoutSeconds", webhook.At("timeoutSeconds"), "the timeout value must be between 1 and 30 seconds"));
        }

        MetadataRules.CheckSelector(webhook.At("namespaceSelector"), $"{path}.namespaceSelector", errors);
        MetadataRules.CheckSelector(webhook.At("objectSelector"), $"{path}.objectSelector", errors);
        CheckChoice("reinvocationPolicy", ReinvocationPolicies);

        void CheckChoice(string field, string[] supported)
        {
            if (webhook.At(field) is { } value)
            {
                RuleValidation.CheckSupported(value, $"{path}.{field}", supported, errors);
            }
        }
    }
}
