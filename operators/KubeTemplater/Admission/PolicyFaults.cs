using System.Text.RegularExpressions;
using Capstan;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Admission;

/// <summary>What is wrong with a policy as it is written, each with the field that it is about; and what is not wrong, but in vain.</summary>
internal static partial class PolicyFaults
{
    /// <summary>What keeps the policy from doing what it says.</summary>
    public static List<ApiStatusCause> Of(KubeTemplatePolicy policy, string operatorNamespace)
    {
        var faults = new List<ApiStatusCause>();
        if (policy.Spec.SourceNamespace.Length == 0)
        {
            faults.Add(Missing("spec.sourceNamespace", "is missing: it names the namespace whose templates the policy governs"));
        }
        else if (!NamespaceName().IsMatch(policy.Spec.SourceNamespace))
        {
            faults.Add(Invalid("spec.sourceNamespace", "can be no namespace's name: it is 1 to 63 of a-z, 0-9 and -, without a * and without a - at its ends"));
        }

        foreach (var (index, rule) in policy.Spec.ValidationRules.Index())
        {
            var path = $"spec.validationRules[{index}]";
            if (rule.Kind.Length == 0)
            {
                faults.Add(Missing($"{path}.kind", "is missing: * stands for all kinds"));
            }

            if (rule.Version.Length == 0)
            {
                faults.Add(Missing($"{path}.version", "is missing: * stands for all versions"));
            }

            faults.AddRange((rule.FieldValidations ?? []).Index()
                .Where(check => check.Item.Name.Length == 0)
                .Select(check => Missing($"{path}.fieldValidations[{check.Index}].name", "is missing: messages call the check by it")));
        }

        // Each begins with its field.
        faults.AddRange(new CompiledPolicy(policy, operatorNamespace).Faults.Select(fault => fault.Split(": ", 2)).Select(parts => Invalid(parts[0], parts[^1])));
        return faults;
    }

    /// <summary>Rules that allow nothing, as they are written.</summary>
    public static IEnumerable<string> WithoutEffect(KubeTemplatePolicySpec spec)
    {
        foreach (var (index, rule) in spec.ValidationRules.Index())
        {
            var path = $"spec.validationRules[{index}]";
            if (rule.TargetNamespaces.Count == 0 && rule.TargetNamespaceSelector is null)
            {
                yield return $"{path}: no target namespaces defined, so that the rule allows nothing";
            }

            foreach (var (at, target) in rule.TargetNamespaces.Index().Where(target => !NamespacePattern().IsMatch(target.Item)))
            {
                yield return $"{path}.targetNamespaces[{at}]: there can be no namespace of that name";
            }
        }
    }

    private static ApiStatusCause Missing(string field, string what) => new() { Reason = "FieldValueRequired", Field = field, Message = what };

    private static ApiStatusCause Invalid(string field, string what) => new() { Reason = "FieldValueInvalid", Field = field, Message = what };

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamespaceName();

    [GeneratedRegex(@"\A[-a-z0-9*]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamespacePattern();
}
