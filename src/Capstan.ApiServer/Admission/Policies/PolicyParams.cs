using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Admission.Policies;

/// <summary>Finds the objects that a policy takes as parameters.</summary>
internal sealed class PolicyParams(Store store, Catalogue catalogue)
{
    /// <summary>The parameters, each of which the policy is evaluated with; one null where it has none; none where none are wanted and found.</summary>
    /// <exception cref="PolicyFailure">They cannot be had.</exception>
    public IReadOnlyList<JsonObject?> Find(ValidatingPolicy policy, PolicyBinding binding, AdmissionRequest request)
    {
        if (policy.ParamKind is not { } kind || binding.Params is not { } reference)
        {
            return [null];
        }

        var served = Served(kind);
        if (!served.Type.Namespaced && reference.Namespace.Length > 0)
        {
            throw new PolicyFailure("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }

        var ns = !served.Type.Namespaced ? "" : reference.Namespace.Length > 0 ? reference.Namespace : request.Namespace;
        if (served.Type.Namespaced && ns.Length == 0)
        {
            throw new PolicyFailure("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }

        var found = Stored(served, reference, ns).Select(stored => (JsonObject?)ObjectBytes.Parse(served, stored)).ToList();
        return found.Count == 0 && reference.MustExist
            ? throw new PolicyFailure("no params found for policy binding with `Deny` parameterNotFoundAction")
            : found;
    }

    /// <summary>Whether parameters of the policy's kind can be had at all.</summary>
    /// <exception cref="PolicyFailure">Nobody serves them.</exception>
    public void CheckKind(ValidatingPolicy policy)
    {
        if (policy.ParamKind is { } kind)
        {
            Served(kind);
        }
    }

    private ServedResource Served(GroupVersionKind kind) => catalogue.All.FirstOrDefault(s => s.Type.GroupVersionKind == kind)
        ?? throw new PolicyFailure($"failed to find resource referenced by paramKind: '{kind.ApiVersion}, Kind={kind.Kind}'");

    private IEnumerable<StoredObject> Stored(ServedResource served, ParamReference reference, string ns)
    {
        if (reference.Name.Length > 0)
        {
            return store.Find(served.Bucket, new ObjectKey(ns, reference.Name)) is { } stored ? [stored] : [];
        }

        return store.Read(served.Bucket).Objects.From(new ObjectKey(ns, "")).TakeWhile(stored => stored.Key.Namespace == ns)
            .Where(stored => reference.Selector.Matches(stored.Labels));
    }
}
