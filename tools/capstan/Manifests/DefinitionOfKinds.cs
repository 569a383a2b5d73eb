using System.Reflection;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Tool.Manifests;

/// <summary>CustomResourceDefinitions from the kinds of an assembly: one for each group and kind, with all its versions.</summary>
internal sealed class DefinitionOfKinds(XmlDocs docs)
{
    private const string Age = ".metadata.creationTimestamp";

    /// <summary>Name and content of each definition.</summary>
    /// <exception cref="CannotRunException">A kind cannot be described, or its versions contradict each other.</exception>
    public IEnumerable<(string Name, JsonObject Content)> Of(IEnumerable<OperatorAssembly.Kind> kinds) =>
        kinds.GroupBy(kind => kind.Resource.GroupResource).Select(versions => Definition([.. versions]));

    private (string Name, JsonObject Content) Definition(IReadOnlyList<OperatorAssembly.Kind> kinds)
    {
        var first = kinds[0];
        var name = $"{first.Resource.Plural}.{first.Resource.Group}";
        if (first.Resource.Group.Length == 0)
        {
            throw new CannotRunException($"{first.Type.FullName}: a custom resource needs a group");
        }

        if (kinds.FirstOrDefault(kind => kind.Resource with { Version = first.Resource.Version } != first.Resource) is { } other)
        {
            throw new CannotRunException($"{name}: {other.Type.FullName} and {first.Type.FullName} differ in kind or scope");
        }

        if (kinds.Where(kind => Said(kind).Storage).ToList() is { Count: not 1 } storage)
        {
            throw new CannotRunException($"{name}: {storage.Count} of its versions say that objects are stored in them ([CustomResource(Storage = ...)]), and one must");
        }

        return (name, new()
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["group"] = first.Resource.Group,
                ["names"] = Names(first.Resource, Said(kinds.Single(kind => Said(kind).Storage))),
                ["scope"] = first.Resource.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray([.. kinds.Select(Version)]),
            },
        });
    }

    private JsonObject Version(OperatorAssembly.Kind kind)
    {
        var said = Said(kind);
        var version = new JsonObject { ["name"] = kind.Resource.Version, ["served"] = said.Served, ["storage"] = said.Storage };
        if (said.DeprecationWarning is { } warning)
        {
            version["deprecated"] = true;
            if (warning.Length > 0)
            {
                version["deprecationWarning"] = warning;
            }
        }

        if (Subresources(kind) is { Count: > 0 } subresources)
        {
            version["subresources"] = subresources;
        }

        if (kind.Type.GetCustomAttributes<SelectableFieldAttribute>().ToList() is { Count: > 0 } fields)
        {
            version["selectableFields"] = new JsonArray([.. fields.Select(field => new JsonObject { ["jsonPath"] = field.JsonPath })]);
        }

        version["additionalPrinterColumns"] = Columns(kind);
        var schema = SchemaWriter.ToOpenApiV3(new SchemaOfType(docs).OfKind(kind.Contract, kind.Resource));
        if (StructuralRules.Check(schema, "openAPIV3Schema").FirstOrDefault() is { } fault)
        {
            throw new CannotRunException($"{kind.Type.FullName}: Kubernetes would refuse the schema: {fault}");
        }

        version["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        return version;
    }

    private static JsonObject Names(ResourceType resource, CustomResourceAttribute said)
    {
        var names = new JsonObject
        {
            ["kind"] = resource.Kind,
            ["listKind"] = $"{resource.Kind}List",
            ["plural"] = resource.Plural,
            ["singular"] = said.Singular ?? resource.Kind.ToLowerInvariant(),
        };
        if (said.ShortNames.Length > 0)
        {
            names["shortNames"] = Texts(said.ShortNames);
        }

        if (said.Categories.Length > 0)
        {
            names["categories"] = Texts(said.Categories);
        }

        return names;
    }

    private static JsonObject Subresources(OperatorAssembly.Kind kind)
    {
        var subresources = new JsonObject();
        if (kind.Contract.Properties.Any(field => field.Name == "status"))
        {
            subresources["status"] = new JsonObject();
        }

        if (kind.Type.GetCustomAttribute<ScaleAttribute>() is { } scale)
        {
            var written = new JsonObject { ["specReplicasPath"] = scale.SpecReplicasPath, ["statusReplicasPath"] = scale.StatusReplicasPath };
            if (scale.LabelSelectorPath is { } selector)
            {
                written["labelSelectorPath"] = selector;
            }

            subresources["scale"] = written;
        }

        return subresources;
    }

    // Columns of a definition replace Kubernetes' own, Age included, which people miss at once.
    private static JsonArray Columns(OperatorAssembly.Kind kind)
    {
        var columns = kind.Type.GetCustomAttributes<PrinterColumnAttribute>().ToList();
        if (columns.All(column => column.JsonPath != Age))
        {
            columns.Add(new("Age", Age) { Type = "date" });
        }

        return new([.. columns.Select(Column)]);
    }

    private static JsonObject Column(PrinterColumnAttribute said)
    {
        var column = new JsonObject { ["name"] = said.Name, ["type"] = said.Type, ["jsonPath"] = said.JsonPath };
        if (said.Format is { } format)
        {
            column["format"] = format;
        }

        if (said.Description is { } description)
        {
            column["description"] = description;
        }

        if (said.Priority != 0)
        {
            column["priority"] = said.Priority;
        }

        return column;
    }

    private static CustomResourceAttribute Said(OperatorAssembly.Kind kind) => kind.Type.GetCustomAttribute<CustomResourceAttribute>() ?? new();

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
