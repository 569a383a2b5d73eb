using Capstan.Cel.Kubernetes.Library;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>The variables of policies, and their types.</summary>
internal static class AdmissionEnvironment
{
    private const string Authorizer = "authorizer";
    private const string RequestResource = "authorizer.requestResource";

    private static readonly CelType Kind = Type(
        "GroupVersionKind", ("group", CelType.String), ("version", CelType.String), ("kind", CelType.String));

    private static readonly CelType Resource = Type(
        "GroupVersionResource", ("group", CelType.String), ("version", CelType.String), ("resource", CelType.String));

    private static readonly CelType Strings = CelType.List(CelType.String);

    private static readonly CelType StringMap = CelType.Map(CelType.String, CelType.String);

    private static readonly CelType User = Type(
        "UserInfo",
        ("username", CelType.String), ("uid", CelType.String), ("groups", Strings), ("extra", CelType.Map(CelType.String, Strings)));

    private static readonly CelType Request = Type(
        "AdmissionRequest",
        ("kind", Kind), ("resource", Resource), ("subResource", CelType.String),
        ("requestKind", Kind), ("requestResource", Resource), ("requestSubResource", CelType.String),
        ("name", CelType.String), ("namespace", CelType.String), ("operation", CelType.String),
        ("userInfo", User), ("dryRun", CelType.Bool), ("options", CelType.Dyn));

    // Kubernetes names the field UID, and the JSON has it as uid: there it compiles and is never found, here too.
    private static readonly CelType Metadata = Type(
        "NamespaceMetadata",
        ("name", CelType.String), ("generateName", CelType.String), ("namespace", CelType.String),
        ("labels", StringMap), ("annotations", StringMap), ("UID", CelType.String),
        ("creationTimestamp", CelType.Timestamp), ("deletionGracePeriodSeconds", CelType.Int), ("deletionTimestamp", CelType.Timestamp),
        ("generation", CelType.Int), ("resourceVersion", CelType.String), ("finalizers", Strings));

    private static readonly CelType Condition = Type(
        "NamespaceCondition",
        ("status", CelType.String), ("type", CelType.String), ("lastTransitionTime", CelType.Timestamp),
        ("message", CelType.String), ("reason", CelType.String));

    private static readonly CelType Namespace = Type(
        "Namespace",
        ("metadata", Metadata),
        ("spec", Type("NamespaceSpec", ("finalizers", Strings))),
        ("status", Type("NamespaceStatus", ("conditions", CelType.List(Condition)), ("phase", CelType.String))));

    /// <summary>The variables object, oldObject, namespaceObject, request, authorizer, authorizer.requestResource and, with parameters, params.</summary>
    public static CelEnvironment Of(CelEnvironment environment, bool hasParams)
    {
        var policy = environment
            .WithVariable("object", CelType.Dyn).WithVariable("oldObject", CelType.Dyn)
            .WithVariable("namespaceObject", Namespace).WithVariable("request", Request)
            .WithVariable(Authorizer, AuthorizerFunctions.Authorizer).WithVariable(RequestResource, AuthorizerFunctions.ResourceCheck);
        return hasParams ? policy.WithVariable("params", CelType.Dyn) : policy;
    }

    /// <summary>The same for expressions that may not ask the authorizer: its variables are there and cannot be named.</summary>
    public static CelEnvironment WithoutAuthorizer(CelEnvironment environment) => environment.Hiding(Authorizer).Hiding(RequestResource);

    /// <summary>The values of those variables.</summary>
    public static CelValue[] Values(in AdmissionInput input, bool hasParams)
    {
        var (authorizer, resource) = input.Authorizer is { } ask
            ? (CelValue.Of(new CheckValue(ask, CheckStep.Authorizer, new())), CelValue.Of(new CheckValue(ask, CheckStep.Resource, input.RequestResource)))
            : (CelValue.Null, CelValue.Null);
        CelValue[] values = [Given(input.Object), Given(input.OldObject), Given(input.Namespace), Given(input.Request), authorizer, resource];
        return hasParams ? [.. values, Given(input.Params)] : values;
    }

    private static CelValue Given(in CelValue value) => value.Kind == CelKind.None ? CelValue.Null : value;

    private static CelObjectType Type(string name, params (string Name, CelType Type)[] fields) =>
        new($"kubernetes.{name}", fields.Select(field => KeyValuePair.Create(field.Name, field.Type)));
}
