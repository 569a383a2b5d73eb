using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Makes served resources from a CustomResourceDefinition that has been accepted.</summary>
internal static class DefinitionReader
{
    /// <summary>The order in which Kubernetes lists the verbs of custom resources.</summary>
    private static readonly IReadOnlyList<string> Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

    /// <summary>Group and plural of the resource that a definition defines.</summary>
    public static GroupResource ResourceOf(JsonObject definition) =>
        new(definition.Text("spec", "group") ?? "", definition.Text("spec", "names", "plural") ?? "");

    /// <summary>The versions that are to be served, under the names that were accepted.</summary>
    /// <param name="definition">A definition whose names are accepted.</param>
    /// <param name="isTerminating">Whether the definition is being deleted, so that nothing new may be created.</param>
    /// <param name="since">The revision after which objects are stored as this definition shapes them.</param>
    public static IReadOnlyList<ServedResource> Read(JsonObject definition, bool isTerminating, long since)
    {
        var (group, _) = ResourceOf(definition);
        var versions = definition.Items("spec", "versions").OfType<JsonObject>().ToList();
        var declared = versions.ToDictionary(v => $"{group}/{v.Text("name")}", v => new DeclaredVersion(SchemaOf(v), ReadScale(v.Map("subresources", "scale"))));
        var storage = new StoredVersions(
            $"{group}/{versions.First(v => v.Flag("storage") == true).Text("name")}",
            versions.ToDictionary(v => $"{group}/{v.Text("name")}", v => declared[$"{group}/{v.Text("name")}"].Schema),
            since);
        return [.. versions.Where(v => v.Flag("served") == true).Select(v => Read(definition, v, declared, storage, isTerminating))];
    }

    private static ServedResource Read(
        JsonObject definition, JsonObject version, IReadOnlyDictionary<string, DeclaredVersion> declared, StoredVersions storage, bool isTerminating)
    {
        var names = definition.Map("status", "acceptedNames")!;
        var (group, _) = ResourceOf(definition);
        var type = new ResourceType(group, version.Text("name")!, names.Text("kind")!, names.Text("plural")!, definition.Text("spec", "scope") == "Namespaced");
        var (schema, scale) = declared[type.ApiVersion];
        var hasStatus = version.Map("subresources", "status") is not null;
        return new()
        {
            Type = type,
            Singular = names.Text("singular") ?? type.Kind.ToLowerInvariant(),
            ListKind = names.Text("listKind") ?? type.Kind + "List",
            ShortNames = [.. names.Items("shortNames").Select(n => n.Text() ?? "")],
            Categories = [.. names.Items("categories").Select(n => n.Text() ?? "")],
            Verbs = Verbs,
            Schema = WithObjectFields(schema),
            Rules = new CustomResourceRules(type, schema, hasStatus, scale, [.. version.Items("selectableFields").Select(f => f.Text("jsonPath")!.TrimStart('.'))], storage),
            Subresources = Subresources(type, hasStatus, scale),
            Scale = scale,
            Declared = declared,
            Since = storage.Since,
            Columns = CustomResourceColumns.Of(version),
            IsCustom = true,
            CreateRefusal = isTerminating ? "create not allowed while custom resource definition is terminating" : null,
            StorageKind = GroupVersionKind.Parse(storage.ApiVersion, type.Kind),
            DeprecationWarning = version.Flag("deprecated") == true ? DeprecationOf(definition, version) : null,
        };
    }

    private static Schema SchemaOf(JsonObject version) =>
        SchemaReader.FromOpenApiV3(version.Map("schema", "openAPIV3Schema") ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });

    /// <summary>What the definition says of the end of a version, or that it is deprecated and which version is to be preferred.</summary>
    private static string DeprecationOf(JsonObject definition, JsonObject version)
    {
        if (version.Text("deprecationWarning") is { } said)
        {
            return said;
        }

        var (group, name, kind) = (definition.Text("spec", "group"), version.Text("name")!, definition.Text("spec", "names", "kind"));
        var better = definition.Items("spec", "versions")
            .Where(v => v.Flag("served") == true && v.Flag("deprecated") != true)
            .Select(v => v.Text("name")!)
            .Order(VersionPriority.Instance)
            .FirstOrDefault();
        var preferred = better is not null && VersionPriority.Instance.Compare(better, name) < 0 ? $"; use {group}/{better} {kind}" : "";
        return $"{group}/{name} {kind} is deprecated{preferred}";
    }

    private static List<Subresource> Subresources(ResourceType type, bool hasStatus, ScalePaths? scale)
    {
        List<Subresource> subresources = [];
        if (hasStatus)
        {
            subresources.Add(new("status", type.GroupVersionKind, ServedResource.SubresourceVerbs));
        }

        if (scale is not null)
        {
            subresources.Add(new("scale", new("autoscaling", "v1", "Scale"), ServedResource.SubresourceVerbs));
        }

        return subresources;
    }

    private static ScalePaths? ReadScale(JsonObject? scale) => scale is null ? null : new(
        Path(scale.Text("specReplicasPath")!),
        Path(scale.Text("statusReplicasPath")!),
        scale.Text("labelSelectorPath") is { Length: > 0 } selector ? Path(selector) : null);

    private static string[] Path(string jsonPath) => jsonPath.TrimStart('.').Split('.');

    /// <summary>A definition says nothing of apiVersion, kind and metadata; field ownership and OpenAPI need them.</summary>
    private static Schema WithObjectFields(Schema schema)
    {
        var fields = new Dictionary<string, Schema>(StringComparer.Ordinal)
        {
            ["apiVersion"] = new() { Type = "string", Description = Descriptions.OfEveryKind("apiVersion") },
            ["kind"] = new() { Type = "string", Description = Descriptions.OfEveryKind("kind") },
            ["metadata"] = BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta),
        };
        foreach (var (name, field) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            fields.TryAdd(name, field);
        }

        var copy = schema.Copy();
        copy.Properties = fields;
        return copy;
    }
}
