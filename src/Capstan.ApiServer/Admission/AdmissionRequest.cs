using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Reviews;
using Capstan.ApiServer.Registry;
using Capstan.Cel;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.ApiServer.Admission;

/// <summary>What admission judges: one write of one object, as far as it has come. Of one request, and not for several threads.</summary>
internal sealed class AdmissionRequest
{
    private JsonObject? _object;
    private Dictionary<string, string>? _labels;
    private Dictionary<string, string>? _oldLabels;

    /// <summary>The write.</summary>
    public required WriteRequest Write { get; init; }

    /// <summary>Whom expressions ask what the user may do.</summary>
    public required Authorization Authorization { get; init; }

    /// <summary>One of <see cref="Operations"/>.</summary>
    public required string Operation { get; init; }

    /// <summary>The object as it is to be, in the version of the request; null of a deletion. Mutating admission changes or replaces it.</summary>
    public JsonObject? Object
    {
        get => _object;
        set
        {
            _object = value;
            _labels = null;
        }
    }

    /// <summary>The object as it is; null of a creation.</summary>
    public JsonObject? OldObject { get; init; }

    /// <summary>The options of the request: CreateOptions and so on.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Whether nothing is to be stored, so that nothing else may come of it either.</summary>
    public bool DryRun { get; init; }

    public ServedResource Served => Write.Served;

    public string Subresource => Write.Info.Subresource;

    public UserInfo User => Write.User;

    /// <summary>Kind of the objects: that of the subresource, where it has one of its own.</summary>
    public GroupVersionKind Kind => KindIn(Served);

    /// <summary>Name of the object; empty where it is not known yet, and where a whole collection is deleted.</summary>
    public string Name => Write.Info.Verb == "deletecollection" ? ""
        : Write.Info.Name.Length > 0 ? Write.Info.Name
        : Object.Text("metadata", "name") ?? "";

    /// <summary>The namespace; of a namespace itself its name.</summary>
    public string Namespace => !IsNamespace ? Write.Info.Namespace : Write.Info.Name.Length > 0 ? Write.Info.Name : Name;

    /// <summary>Whether it is about an object of the kind Namespace.</summary>
    public bool IsNamespace => Served.Type is { Group: "", Plural: "namespaces" };

    /// <summary>Labels of <see cref="Object"/>.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels ??= LabelsOf(Object);

    /// <summary>Labels of <see cref="OldObject"/>.</summary>
    public IReadOnlyDictionary<string, string> OldLabels => _oldLabels ??= LabelsOf(OldObject);

    /// <summary>Kind of the objects when the request is seen as one of another version of the resource.</summary>
    public GroupVersionKind KindIn(ServedResource served) =>
        Subresource.Length > 0 && served.FindSubresource(Subresource) is { Kind: { Kind.Length: > 0 } kind } ? kind : served.Type.GroupVersionKind;

    /// <summary>An object of the request in another version of its resource; the same where that is the version of the request.</summary>
    public JsonObject? InVersion(JsonObject? obj, ServedResource served) => obj is null ? null : Converted(obj, Served, served);

    /// <summary>An object of another version in that of the request.</summary>
    public JsonObject FromVersion(JsonObject obj, ServedResource served) => Converted(obj, served, Served);

    /// <summary>The request as Kubernetes shows it, an AdmissionRequest, without uid, object and oldObject.</summary>
    /// <param name="served">The version in which it is judged.</param>
    public JsonObject Describe(ServedResource served)
    {
        var request = new JsonObject { ["kind"] = Json(KindIn(served)), ["resource"] = Json(served.Type) };
        SetText(request, "subResource", Subresource);
        request["requestKind"] = Json(Kind);
        request["requestResource"] = Json(Served.Type);
        SetText(request, "requestSubResource", Subresource);
        SetText(request, "name", Name);
        SetText(request, "namespace", Namespace);
        request["operation"] = Operation;
        request["userInfo"] = Reviews.UserOf(User);
        request["dryRun"] = DryRun;
        request["options"] = Options.DeepClone();
        return request;
    }

    /// <summary>The same for expressions.</summary>
    public AdmissionInput ToInput(ServedResource served) => new()
    {
        Object = CelValue.Of(InVersion(Object, served)),
        OldObject = CelValue.Of(InVersion(OldObject, served)),
        Request = CelValue.Of(Describe(served)),
        Authorizer = Answer,
        RequestResource = new()
        {
            Group = Served.Type.Group,
            Resource = Served.Type.Plural,
            Subresource = Subresource,
            Namespace = Namespace,
            Name = Name,
        },
    };

    private AuthorizationDecision Answer(AuthorizationQuestion question)
    {
        // An account that is asked about is its name and the groups of accounts alone: whether it is there does not matter, and it has not logged in.
        var user = question.ServiceAccount is { } account
            ? new UserInfo(ServiceAccountName.UserName(account.Namespace, account.Name), ServiceAccountName.Groups(account.Namespace))
            : User;
        var answer = Authorization.Answer(new AccessQuestion(user, question.Verb)
        {
            IsResource = question.IsResource,
            Path = question.Path,
            Group = question.Group,
            Resource = question.Resource,
            Subresource = question.Subresource,
            Namespace = question.Namespace,
            Name = question.Name,
        });
        return new(answer.Allowed, answer.Reason);
    }

    private JsonObject Converted(JsonObject obj, ServedResource from, ServedResource to)
    {
        if (ReferenceEquals(from, to) || Kind == KindIn(from == Served ? to : from))
        {
            return obj;
        }

        var copy = obj.DeepClone().AsObject();
        from.ToStorage(copy);
        to.FromStorage(copy);
        return copy;
    }

    private static JsonObject Json(GroupVersionKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonObject Json(ResourceType type) => new() { ["group"] = type.Group, ["version"] = type.Version, ["resource"] = type.Plural };

    private static void SetText(JsonObject obj, string field, string value)
    {
        if (value.Length > 0)
        {
            obj[field] = value;
        }
    }

    private static Dictionary<string, string> LabelsOf(JsonObject? obj)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in obj.Map("metadata", "labels") ?? [])
        {
            if (value.Text() is { } text)
            {
                labels[key] = text;
            }
        }

        return labels;
    }
}
