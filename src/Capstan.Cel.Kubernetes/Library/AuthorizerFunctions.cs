using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Kubernetes.Admission;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Questions to an authorizer: each step narrows what is asked, <c>check</c> asks, and of the decision is said what it is.</summary>
internal static class AuthorizerFunctions
{
    private const string Space = "kubernetes.authorization.";

    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        path
          authorizer_path kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.PathCheck
        group
          authorizer_group kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.GroupCheck
        serviceAccount
          authorizer_serviceaccount kubernetes.authorization.Authorizer.(string, string) -> kubernetes.authorization.Authorizer
        resource
          groupcheck_resource kubernetes.authorization.GroupCheck.(string) -> kubernetes.authorization.ResourceCheck
        subresource
          resourcecheck_subresource kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck
        namespace
          resourcecheck_namespace kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck
        name
          resourcecheck_name kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck
        check
          pathcheck_check kubernetes.authorization.PathCheck.(string) -> kubernetes.authorization.Decision
          resourcecheck_check kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.Decision
        errored
          decision_errored kubernetes.authorization.Decision.() -> bool
        error
          decision_error kubernetes.authorization.Decision.() -> string
        allowed
          decision_allowed kubernetes.authorization.Decision.() -> bool
        reason
          decision_reason kubernetes.authorization.Decision.() -> string
        """);

    public static ImmutableArray<FunctionDeclaration> SelectorDeclarations { get; } = SignatureReader.Functions(
        """
        fieldSelector
          resourcecheck_fieldselector kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck
        labelSelector
          resourcecheck_labelselector kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck
        """);

    public static CelType Authorizer { get; } = CelType.Opaque(Space + "Authorizer");

    public static CelType ResourceCheck { get; } = CelType.Opaque(Space + "ResourceCheck");

    public static ImmutableArray<CelType> Types { get; } =
        [Authorizer, CelType.Opaque(Space + "PathCheck"), CelType.Opaque(Space + "GroupCheck"), ResourceCheck, CelType.Opaque(Space + "Decision")];

    public static void Declare(FunctionSet set)
    {
        Step(set, "path", CheckStep.Authorizer, CheckStep.Path, "path must not be empty", (question, path) => question with { IsResource = false, Path = path });
        Step(set, "group", CheckStep.Authorizer, CheckStep.Group, null, (question, group) => question with { Group = group });
        Step(set, "resource", CheckStep.Group, CheckStep.Resource, "resource must not be empty", (question, resource) => question with { Resource = resource });
        Step(set, "subresource", CheckStep.Resource, CheckStep.Resource, null, (question, subresource) => question with { Subresource = subresource });
        Step(set, "namespace", CheckStep.Resource, CheckStep.Resource, null, (question, ns) => question with { Namespace = ns });
        Step(set, "name", CheckStep.Resource, CheckStep.Resource, null, (question, name) => question with { Name = name });
        set.Member("serviceAccount", 2, a => a[0].As<CheckValue>() is { Step: CheckStep.Authorizer } authorizer && a[1].Kind == CelKind.String && a[2].Kind == CelKind.String
            ? Account(authorizer, a[1].String, a[2].String)
            : FunctionSet.NoOverload("serviceAccount"));
        set.Member("check", 1, a => a[0].As<CheckValue>() is { Step: CheckStep.Path or CheckStep.Resource } check && a[1].Kind == CelKind.String
            ? CelValue.Of(new DecisionValue(check.Ask(check.Question with { Verb = a[1].String })))
            : FunctionSet.NoOverload("check"));
        set.Of<DecisionValue>("errored", d => CelValue.Of(d.Decision.Error is not null));
        set.Of<DecisionValue>("error", d => CelValue.Of(d.Decision.Error ?? ""));
        set.Of<DecisionValue>("allowed", d => CelValue.Of(d.Decision.Allowed));
        set.Of<DecisionValue>("reason", d => CelValue.Of(d.Decision.Reason));
    }

    public static void DeclareSelectors(FunctionSet set)
    {
        Step(set, "fieldSelector", CheckStep.Resource, CheckStep.Resource, null, (question, selector) => question with { FieldSelector = selector });
        Step(set, "labelSelector", CheckStep.Resource, CheckStep.Resource, null, (question, selector) => question with { LabelSelector = selector });
    }

    // A step from one form of a question to another, by a text that may have to be there.
    private static void Step(FunctionSet set, string name, CheckStep from, CheckStep to, string? whenEmpty, Func<AuthorizationQuestion, string, AuthorizationQuestion> change) =>
        set.Member(name, 1, a => a[0].As<CheckValue>() is not { } check || check.Step != from || a[1].Kind != CelKind.String ? FunctionSet.NoOverload(name)
            : whenEmpty is not null && string.IsNullOrWhiteSpace(a[1].String) ? CelValue.Failure(whenEmpty)
            : CelValue.Of(new CheckValue(check.Ask, to, change(check.Question, a[1].String))));

    private static CelValue Account(CheckValue authorizer, string ns, string name) =>
        DnsNames.SubdomainFaults(name).Count > 0 ? CelValue.Failure("Invalid service account name")
        : DnsNames.LabelFaults(ns).Count > 0 ? CelValue.Failure("Invalid service account namespace")
        : CelValue.Of(new CheckValue(authorizer.Ask, CheckStep.Authorizer, authorizer.Question with { ServiceAccount = (ns, name) }));
}

/// <summary>How far a question to an authorizer has come.</summary>
internal enum CheckStep
{
    Authorizer,
    Path,
    Group,
    Resource,
}

/// <summary>An authorizer, and what is to be asked of it so far.</summary>
internal sealed class CheckValue(AuthorizationCheck ask, CheckStep step, AuthorizationQuestion question) : ICelObject
{
    public AuthorizationCheck Ask => ask;

    public CheckStep Step => step;

    public AuthorizationQuestion Question => question;

    public string TypeName => "kubernetes.authorization." + (step == CheckStep.Authorizer ? "Authorizer" : $"{step}Check");
}

/// <summary>An answer of an authorizer.</summary>
internal sealed class DecisionValue(AuthorizationDecision decision) : ICelObject
{
    public AuthorizationDecision Decision => decision;

    public string TypeName => "kubernetes.authorization.Decision";
}
