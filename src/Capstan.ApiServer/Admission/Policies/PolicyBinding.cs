using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Selectors;

namespace Capstan.ApiServer.Admission.Policies;

/// <summary>A ValidatingAdmissionPolicyBinding, compiled: where a policy holds, with which parameters, and what becomes of a failure. Immutable.</summary>
internal sealed class PolicyBinding
{
    private PolicyBinding(JsonObject binding)
    {
        var spec = binding.Map("spec");
        Name = binding.Text("metadata", "name") ?? "";
        Policy = spec.Text("policyName") ?? "";
        var rules = spec.Items("matchResources", "resourceRules");
        Matcher = spec.Map("matchResources") is { } resources ? new RequestMatcher(resources, rules.Count == 0 ? null : rules) : null;
        Params = spec.Map("paramRef") is { } reference ? new ParamReference(
            reference.Text("name") ?? "",
            reference.Text("namespace") ?? "",
            LabelSelector.From(reference.Map("selector")),
            reference.Text("parameterNotFoundAction") == "Deny") : null;
        var actions = spec.Items("validationActions").Select(action => action.Text()).ToList();
        Denies = actions.Contains("Deny");
        Warns = actions.Contains("Warn");
    }

    public string Name { get; }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; }

    /// <summary>Which of the policy's requests it is for; null: all.</summary>
    public RequestMatcher? Matcher { get; }

    /// <summary>Where the parameters are; null without.</summary>
    public ParamReference? Params { get; }

    /// <summary>Whether a failure refuses the request.</summary>
    public bool Denies { get; }

    /// <summary>Whether a failure is told as a warning.</summary>
    public bool Warns { get; }

    public static PolicyBinding Read(JsonObject binding) => new(binding);
}

/// <summary>Which objects are the parameters of a binding.</summary>
/// <param name="Name">Its name; empty where labels select.</param>
/// <param name="Namespace">Its namespace; empty for that of the request.</param>
/// <param name="Selector">Labels, where there is no name.</param>
/// <param name="MustExist">Whether a request is refused when there is none.</param>
internal sealed record ParamReference(string Name, string Namespace, LabelSelector Selector, bool MustExist);
