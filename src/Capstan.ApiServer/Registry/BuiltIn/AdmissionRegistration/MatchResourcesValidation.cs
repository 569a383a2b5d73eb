using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Faults of what a policy or a binding is about.</summary>
internal static class MatchResourcesValidation
{
    private static readonly string[] MatchPolicies = ["Equivalent", "Exact"];

    public static void Check(JsonNode? resources, string path, ICollection<FieldError> errors)
    {
        if (resources.At("matchPolicy") is { } policy)
        {
            RuleValidation.CheckSupported(policy, $"{path}.matchPolicy", MatchPolicies, errors);
        }

        MetadataRules.CheckSelector(resources.At("namespaceSelector"), $"{path}.namespaceSelector", errors);
        MetadataRules.CheckSelector(resources.At("objectSelector"), $"{path}.objectSelector", errors);
        RuleValidation.Check(resources.Items("resourceRules"), $"{path}.resourceRules", errors);
        RuleValidation.Check(resources.Items("excludeResourceRules"), $"{path}.excludeResourceRules", errors);
    }
}
