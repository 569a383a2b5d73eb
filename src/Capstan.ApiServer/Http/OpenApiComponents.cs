using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>Collects the types that a document uses, and everything that these use in turn.</summary>
internal sealed class OpenApiComponents
{
    private const string MetaV1 = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private readonly SortedDictionary<string, JsonObject> _written = new(StringComparer.Ordinal);

    /// <summary>Type of the body of a PATCH.</summary>
    public string Patch() => BuiltIn(MetaV1 + "Patch");

    /// <summary>Type of the body of a DELETE.</summary>
    public string DeleteOptions() => BuiltIn(MetaV1 + "DeleteOptions");

    /// <summary>Type of what a DELETE answers.</summary>
    public string Status() => BuiltIn(MetaV1 + "Status");

    /// <summary>Adds a built-in type; answers its name.</summary>
    public string BuiltIn(string typeName)
    {
        Add(typeName, () => BuiltInKinds.TypeNamed(typeName));
        return typeName;
    }

    /// <summary>Adds the type of a built-in kind; null when it has none.</summary>
    public string? BuiltIn(GroupVersionKind kind)
    {
        if (BuiltInKinds.TypeNameOf(kind) is not { } typeName)
        {
            return null;
        }

        BuiltIn(typeName);
        MarkKind(typeName, kind);
        return typeName;
    }

    /// <summary>Adds the type of a resource's objects; answers its name.</summary>
    public string ObjectOf(ServedResource resource)
    {
        var kind = resource.Type.GroupVersionKind;
        if (!resource.IsCustom)
        {
            return BuiltIn(kind) ?? BuiltIn(MetaV1 + "Status");
        }

        var name = CustomName(resource.Type, resource.Type.Kind);
        Add(name, () => resource.Schema);
        MarkKind(name, kind);
        if (resource.Rules.SelectableFields is { Count: > 0 } selectable)
        {
            _written[name]["x-kubernetes-selectable-fields"] = new JsonArray([.. selectable.Select(f => new JsonObject { ["fieldPath"] = f })]);
        }

        return name;
    }

    /// <summary>Adds the type of a resource's lists; answers its name.</summary>
    public string ListOf(ServedResource resource)
    {
        var kind = resource.Type.GroupVersionKind with { Kind = resource.ListKind };
        if (!resource.IsCustom && BuiltIn(kind) is { } builtIn)
        {
            return builtIn;
        }

        var item = ObjectOf(resource);
        var name = CustomName(resource.Type, resource.ListKind);
        if (_written.ContainsKey(name))
        {
            return name;
        }

        _written[name] = new()
        {
            ["description"] = $"{resource.ListKind} is a list of {resource.Type.Kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["description"] = Descriptions.OfEveryKind("apiVersion"), ["type"] = "string" },
                ["items"] = new JsonObject { ["description"] = "The objects.", ["type"] = "array", ["items"] = Reference(item) },
                ["kind"] = new JsonObject { ["description"] = Descriptions.OfEveryKind("kind"), ["type"] = "string" },
                ["metadata"] = new JsonObject { ["description"] = Descriptions.OfEveryKind("metadata"), ["allOf"] = new JsonArray(Reference(BuiltIn(MetaV1 + "ListMeta"))) },
            },
        };
        MarkKind(name, kind);
        return name;
    }

    /// <summary>A reference to a type.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    /// <summary>All types, sorted by name.</summary>
    public JsonObject Write() => new(_written.Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value)));

    private void Add(string name, Func<Schema> schemaOf)
    {
        if (_written.ContainsKey(name))
        {
            return;
        }

        var schema = schemaOf();
        var written = SchemaWriter.ToOpenApiV3(schema);
        Descriptions.AddTo(written, name);
        _written[name] = written;

        // Types may contain themselves: a type is known before those that it uses are added.
        foreach (var used in SchemaWriter.ReferencedTypes(schema))
        {
            BuiltIn(used);
        }
    }

    private void MarkKind(string name, GroupVersionKind kind) => _written[name]["x-kubernetes-group-version-kind"] =
        new JsonArray(new JsonObject { ["group"] = kind.Group, ["kind"] = kind.Kind, ["version"] = kind.Version });

    /// <summary>The group backwards, as packages are named: <c>com.example.shop.v1.Widget</c>.</summary>
    private static string CustomName(ResourceType type, string kind) => string.Join('.', [.. type.Group.Split('.').Reverse(), type.Version, kind]);
}
