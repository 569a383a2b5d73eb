using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the paths of a resource. Clients look in them for kinds (<c>x-kubernetes-group-version-kind</c>), verbs and query parameters:
/// kubectl validates on the server only where PATCH has <c>fieldValidation</c>.</summary>
internal static class OpenApiPaths
{
    private static readonly (string Name, string Type, string Description)[] Writing =
    [
        ("dryRun", "string", "All: go through all steps, but store nothing."),
        ("fieldManager", "string", "Who makes the change; at most 128 printable characters."),
        ("fieldValidation", "string", "What happens to unknown and repeated fields: Ignore, Warn or Strict."),
    ];

    private static readonly (string Name, string Type, string Description)[] Listing =
    [
        ("allowWatchBookmarks", "boolean", "Send events that only tell the resourceVersion."),
        ("continue", "string", "Where the former page ended."),
        ("fieldSelector", "string", "Only objects with these values of fields."),
        ("labelSelector", "string", "Only objects with these labels."),
        ("limit", "integer", "Most objects of a page."),
        ("resourceVersion", "string", "From which version on, or at which."),
        ("resourceVersionMatch", "string", "What resourceVersion means: Exact or NotOlderThan."),
        ("sendInitialEvents", "boolean", "Begin a watch with the objects that there are."),
        ("timeoutSeconds", "integer", "How long a list or watch may take."),
        ("watch", "boolean", "Send changes as they happen."),
    ];

    private static readonly (string Name, string Type, string Description)[] Deleting =
    [
        ("dryRun", "string", "All: go through all steps, but store nothing."),
        ("gracePeriodSeconds", "integer", "How long the object may take to end."),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean", "Delete what cannot be read."),
        ("orphanDependents", "boolean", "Older form of propagationPolicy."),
        ("propagationPolicy", "string", "What happens to dependents: Orphan, Background or Foreground."),
    ];

    // kubectl apply reads here whether the kind knows strategic merge; custom resources do not.
    private static readonly string[] CustomPatchTypes = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
    private static readonly string[] PatchTypes = [.. CustomPatchTypes, "application/strategic-merge-patch+json"];

    /// <summary>Adds the paths of a resource and its subresources.</summary>
    public static void Add(IDictionary<string, JsonObject> paths, ServedResource resource, OpenApiComponents components)
    {
        var type = resource.Type;
        var root = type.CollectionPath()[..type.CollectionPath().LastIndexOf('/')];
        var collection = type.Namespaced ? $"{root}/namespaces/{{namespace}}/{type.Plural}" : $"{root}/{type.Plural}";
        var scope = type.Namespaced ? "Namespaced" : "";
        var writer = new Writer(resource);

        var onCollection = writer.Path(inNamespace: type.Namespaced, named: false);
        writer.AddIf("list", onCollection, "get", "list", "list", scope, "list objects of kind", Listing, null, components.ListOf);
        writer.AddIf("create", onCollection, "post", "create", "post", scope, "create", Writing, components.ObjectOf, components.ObjectOf);
        writer.AddIf("deletecollection", onCollection, "delete", "deleteCollection", "deletecollection", scope, "delete collection of", Listing, null, _ => components.Status());
        paths[collection] = onCollection;
        if (type.Namespaced && resource.Verbs.Contains("list"))
        {
            var everywhere = writer.Path(inNamespace: false, named: false);
            writer.AddIf("list", everywhere, "get", "list", "list", "", "list or watch objects of kind", Listing, null, components.ListOf, "ForAllNamespaces");
            paths[$"{root}/{type.Plural}"] = everywhere;
        }

        if (resource.Verbs.Contains("get"))
        {
            var onObject = writer.Path(inNamespace: type.Namespaced, named: true);
            writer.AddIf("get", onObject, "get", "read", "get", scope, "read the specified", [], null, components.ObjectOf);
            writer.AddIf("update", onObject, "put", "replace", "put", scope, "replace the specified", Writing, components.ObjectOf, components.ObjectOf);
            writer.AddIf("patch", onObject, "patch", "patch", "patch", scope, "partially update the specified", Patching(), _ => components.Patch(), components.ObjectOf);
            writer.AddIf("delete", onObject, "delete", "delete", "delete", scope, "delete", Deleting, _ => components.DeleteOptions(), _ => components.Status());
            paths[collection + "/{name}"] = onObject;
        }

        foreach (var subresource in resource.Subresources)
        {
            if (components.BuiltIn(subresource.Kind) is null && subresource.Kind != type.GroupVersionKind)
            {
                continue;
            }

            string Of(ServedResource r) => subresource.Kind == type.GroupVersionKind ? components.ObjectOf(r) : components.BuiltIn(subresource.Kind)!;
            var on = new Writer(resource, subresource);
            var path = on.Path(inNamespace: type.Namespaced, named: true);
            on.AddIf("create", path, "post", "create", "post", scope, "create", Writing, Of, Of);
            on.AddIf("get", path, "get", "read", "get", scope, "read", [], null, Of);
            on.AddIf("update", path, "put", "replace", "put", scope, "replace", Writing, Of, Of);
            on.AddIf("patch", path, "patch", "patch", "patch", scope, "partially update", Patching(), _ => components.Patch(), Of);
            paths[$"{collection}/{{name}}/{subresource.Name}"] = path;
        }
    }

    private static (string Name, string Type, string Description)[] Patching() => [.. Writing, ("force", "boolean", "Take fields that another manager owns (apply only).")];

    private sealed class Writer(ServedResource resource, Subresource? subresource = null)
    {
        private readonly ResourceType _type = resource.Type;

        /// <summary>A path with the parameters that stand in it.</summary>
        public JsonObject Path(bool inNamespace, bool named)
        {
            var parameters = new JsonArray();
            if (named)
            {
                parameters.Add((JsonNode)Parameter("name", "path", "string", $"name of the {_type.Kind}"));
            }

            if (inNamespace)
            {
                parameters.Add((JsonNode)Parameter("namespace", "path", "string", "namespace of the object"));
            }

            parameters.Add((JsonNode)Parameter("pretty", "query", "string", "true: indent the answer."));
            return new() { ["parameters"] = parameters };
        }

        /// <summary>Adds an operation to a path, if the resource has the verb.</summary>
        public void AddIf(
            string verb,
            JsonObject path,
            string method,
            string word,
            string action,
            string scope,
            string description,
            IReadOnlyList<(string Name, string Type, string Description)> parameters,
            Func<ServedResource, string>? body,
            Func<ServedResource, string> answer,
            string suffix = "")
        {
            var kind = subresource?.Kind ?? _type.GroupVersionKind;
            if (!(subresource?.Verbs ?? resource.Verbs).Contains(verb))
            {
                return;
            }

            var part = subresource is null ? "" : char.ToUpperInvariant(subresource.Name[0]) + subresource.Name[1..];
            var operation = new JsonObject
            {
                ["tags"] = new JsonArray(Tag()),
                ["description"] = $"{description} {(subresource is null ? "" : subresource.Name + " of the specified ")}{_type.Kind}",
                ["operationId"] = $"{word}{GroupName()}{char.ToUpperInvariant(_type.Version[0])}{_type.Version[1..]}{scope}{_type.Kind}{part}{suffix}",
                ["parameters"] = new JsonArray([.. parameters.Select(p => Parameter(p.Name, "query", p.Type, p.Description))]),
            };
            if (body is not null)
            {
                var types = action == "patch" ? (resource.IsCustom ? CustomPatchTypes : PatchTypes) : ["application/json", "application/yaml"];
                operation["requestBody"] = new JsonObject { ["content"] = Content(types, body(resource)), ["required"] = action is not "delete" };
            }

            operation["responses"] = Responses(action, answer(resource));
            operation["x-kubernetes-action"] = action;
            operation["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };
            path[method] = operation;
        }

        private static JsonObject Responses(string action, string type)
        {
            var responses = new JsonObject { ["200"] = Response("OK", type) };
            if (action is "post" or "put" or "patch")
            {
                responses["201"] = Response("Created", type);
            }

            if (action is "post" or "delete")
            {
                responses["202"] = Response("Accepted", type);
            }

            responses["401"] = new JsonObject { ["description"] = "Unauthorized" };
            return responses;
        }

        private static JsonObject Response(string description, string type) =>
            new() { ["description"] = description, ["content"] = Content(["application/json", "application/yaml"], type) };

        private static JsonObject Content(string[] mediaTypes, string type) =>
            new(mediaTypes.Select(m => KeyValuePair.Create(m, (JsonNode?)new JsonObject { ["schema"] = OpenApiComponents.Reference(type) })));

        private static JsonObject Parameter(string name, string place, string type, string description)
        {
            var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["description"] = description };
            if (place == "path")
            {
                parameter["required"] = true;
            }

            parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
            return parameter;
        }

        // Kubernetes' own groups lose their suffix: rbac.authorization.k8s.io is RbacAuthorization.
        private IEnumerable<string> GroupWords()
        {
            var group = _type.Group.Length == 0 ? "core" : _type.Group;
            return (resource.IsCustom ? group : group.Replace(".k8s.io", "", StringComparison.Ordinal)).Split('.', '-').Where(w => w.Length > 0);
        }

        private string GroupName() => string.Concat(GroupWords().Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

        private string Tag()
        {
            var name = GroupName();
            return $"{char.ToLowerInvariant(name[0])}{name[1..]}_{_type.Version}";
        }
    }
}
