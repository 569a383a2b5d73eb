using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.ApiServer.Admission.Policies;

/// <summary>A ValidatingAdmissionPolicy, compiled. Immutable.</summary>
internal sealed class ValidatingPolicy
{
    private ValidatingPolicy(JsonObject policy)
    {
        var spec = policy.Map("spec");
        Name = policy.Text("metadata", "name") ?? "";
        Matcher = new RequestMatcher(spec.Map("matchConstraints"), spec.Items("matchConstraints", "resourceRules"));
        IgnoresFailures = spec.Text("failurePolicy") == "Ignore";
        ParamKind = spec.Map("paramKind") is { } kind ? GroupVersionKind.Parse(kind.Text("apiVersion") ?? "", kind.Text("kind") ?? "") : null;
        Expressions = AdmissionPolicy.Compile(PolicySource.Read(spec), KubernetesEnvironment.Of(1, 36, CelExpressionsMode.Stored));
    }

    public string Name { get; }

    /// <summary>Which requests it is about.</summary>
    public RequestMatcher Matcher { get; }

    /// <summary>Whether a request passes that cannot be judged.</summary>
    public bool IgnoresFailures { get; }

    /// <summary>Kind of the parameters; null where it has none.</summary>
    public GroupVersionKind? ParamKind { get; }

    /// <summary>What it demands.</summary>
    public AdmissionPolicy Expressions { get; }

    public static ValidatingPolicy Read(JsonObject policy) => new(policy);
}
