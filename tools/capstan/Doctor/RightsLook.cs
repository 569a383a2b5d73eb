using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeTemplater.Resources;

namespace Capstan.Tool.Doctor;

/// <summary>The rights of the operator's account: those that its code needs, and for KubeTemplater those that the templates of this cluster ask for.</summary>
internal sealed class RightsLook(KubeClient client, Installation installation)
{
    private const int AtOnce = 8;
    private const int MostTemplates = 1000;
    private const int MostKinds = 30;

    private static readonly ResourceType Reviews = new("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced: false);

    private string Subject => $"{installation.Known.Name} rights of {installation.Account}";

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var needed = Needed().Distinct().ToList();
        var missing = await MissingAsync(needed, stop);
        foreach (var group in missing.GroupBy(right => (right.Group, right.Resource, right.Namespace, right.Name)))
        {
            var (api, resource, @namespace, name) = group.Key;
            yield return Diagnosis.Wrong(
                Subject,
                $"may not {string.Join(", ", group.Select(right => right.Verb))} {resource}{(api.Length > 0 ? $".{api}" : "")}{(name is null ? "" : $" \"{name}\"")} in {(@namespace is null ? "all namespaces" : $"namespace {@namespace}")}",
                $"kubectl apply -f operators/{installation.Known.Folder}/deploy/role.yaml -f operators/{installation.Known.Folder}/deploy/rbac.yaml, or upgrade the chart's release");
        }

        if (missing.Count == 0)
        {
            yield return Diagnosis.Fine(Subject, $"has all {needed.Count} rights that the operator's own work needs");
        }

        if (installation.Known.Name == "kubetemplater")
        {
            foreach (var found in await TemplatedAsync(stop))
            {
                yield return found;
            }
        }
    }

    /// <summary>What the roles that are made from the operator's code hold, under this installation's names.</summary>
    private IEnumerable<Right> Needed() =>
        from role in installation.Known.Read(installation.Known.Ground)
        where role.Kind is "ClusterRole" or "Role" && role.Key.Name == installation.Known.RoleName
        from rule in role.ToJson()["rules"]!.AsArray()
        from api in Texts(rule!["apiGroups"])
        from resource in Texts(rule["resources"])
        from name in Texts(rule["resourceNames"]).DefaultIfEmpty()
        from verb in Texts(rule["verbs"])

        // Lists and watches of one name are asked for with a field selector, which an access review does not have.
        where name is null || verb is not ("list" or "watch")
        select new Right(verb, api, resource, role.Kind == "Role" ? installation.Namespace : null, name is null ? null : Renamed(name));

    private string Renamed(string name) => name switch
    {
        "kubetemplater-webhook-cert" => installation.Flag("--webhook-cert-secret-name") ?? name,
        "kubetemplater-validating-webhook-configuration" => installation.Flag("--webhook-configuration-name") ?? name,
        _ => name,
    };

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(text => (string)text!);

    private async Task<IReadOnlyList<Diagnosis>> TemplatedAsync(CancellationToken stop)
    {
        var kinds = new Dictionary<GroupVersionKind, ObjectKey>();
        var read = 0;
        await foreach (var template in client.EnumerateAsync<KubeTemplate>(new ListOptions { PageSize = 500 }, stop))
        {
            foreach (var resource in template.Status?.Resources ?? [])
            {
                kinds.TryAdd(new(resource.Group ?? "", resource.Version ?? "", resource.Kind ?? ""), template.Key);
            }

            if (++read >= MostTemplates || kinds.Count >= MostKinds)
            {
                break;
            }
        }

        var found = new List<Diagnosis>();
        foreach (var (kind, template) in kinds)
        {
            if (await client.Discovery.FindAsync(kind, stop) is not { } type)
            {
                continue;
            }

            var missing = await MissingAsync([.. new[] { "create", "patch" }.Select(verb => new Right(verb, type.Group, type.Plural, type.Namespaced ? template.Namespace : null, null))], stop);
            if (missing.Count > 0)
            {
                found.Add(Diagnosis.Wrong(
                    Subject,
                    $"may not {string.Join(", ", missing.Select(right => right.Verb))} {type.Plural}{(type.Group.Length > 0 ? $".{type.Group}" : "")}, which KubeTemplate {template} asks for",
                    "add the kind to the ClusterRole of templates (the chart's rbac.templates) if templates may make it; whoever may write KubeTemplates then may"));
            }
        }

        if (found.Count == 0 && kinds.Count > 0)
        {
            found.Add(Diagnosis.Fine(Subject, $"may make the {kinds.Count} kinds that {(read >= MostTemplates ? $"the first {read}" : $"{read}")} templates made"));
        }

        return found;
    }

    private async Task<IReadOnlyList<Right>> MissingAsync(IReadOnlyList<Right> rights, CancellationToken stop)
    {
        var missing = new bool[rights.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, rights.Count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (i, cancel) => missing[i] = !await MayAsync(rights[i], cancel));
        return [.. rights.Where((_, i) => missing[i])];
    }

    private async Task<bool> MayAsync(Right right, CancellationToken stop)
    {
        var parts = right.Resource.Split('/', 2);
        var attributes = new JsonObject { ["verb"] = right.Verb, ["group"] = right.Group, ["resource"] = parts[0] };
        Add("subresource", parts.ElementAtOrDefault(1));
        Add("namespace", right.Namespace);
        Add("name", right.Name);
        var review = await client.CreateAsync(
            Reviews,
            DynamicObject.From(new JsonObject
            {
                ["apiVersion"] = "authorization.k8s.io/v1",
                ["kind"] = "SubjectAccessReview",
                ["spec"] = new JsonObject
                {
                    ["user"] = $"system:serviceaccount:{installation.Account.Namespace}:{installation.Account.Name}",
                    ["groups"] = new JsonArray("system:serviceaccounts", $"system:serviceaccounts:{installation.Account.Namespace}", "system:authenticated"),
                    ["resourceAttributes"] = attributes,
                },
            }),
            cancellationToken: stop);
        return (bool?)review.ToJson()["status"]?["allowed"] == true;

        void Add(string field, string? value)
        {
            if (value is not null)
            {
                attributes[field] = value;
            }
        }
    }

    /// <summary>One thing to be allowed; a namespace of null is all of them, and for kinds of the cluster the cluster.</summary>
    private sealed record Right(string Verb, string Group, string Resource, string? Namespace, string? Name);
}
