using Capstan.ApiServer.Registry.BuiltIn.Columns;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Makes the served resources of all built-in kinds, from the tables of facts and the rules of the kinds that have some.</summary>
internal static class BuiltInResources
{
    private static readonly ScalePaths WorkloadScale = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    /// <summary>All built-in resources, in the order of discovery.</summary>
    /// <param name="rules">The rules that have state: see <see cref="KindRulesFactory"/>.</param>
    public static IReadOnlyList<ServedResource> All(KindRulesFactory rules)
    {
        var resources = new List<ServedResource>();
        foreach (var fact in BuiltInKinds.Resources)
        {
            // What can only be created (reviews, bindings) has a schema too, but never an object.
            var schema = BuiltInKinds.SchemaOf(fact.Type.GroupVersionKind) ?? new Schema { Type = "object", PreserveUnknownFields = true };
            var subresources = fact.Subresources.Select(s => new Subresource(s.Name, s.Kind, s.Verbs)).ToList();
            resources.Add(new()
            {
                Type = fact.Type,
                Singular = fact.Singular,
                ListKind = fact.Type.Kind + "List",
                ShortNames = fact.ShortNames,
                Categories = fact.Categories,
                Verbs = fact.Verbs,
                Schema = schema,
                Rules = rules.Create(fact.Type, schema, subresources.Any(s => s.Name == "status")),
                Subresources = subresources,
                Scale = subresources.Any(s => s.Name == "scale") ? WorkloadScale : null,
                Columns = ColumnTables.Of(fact.Type.Group, fact.Type.Kind),
                StorageKind = StorageKindOf(fact.Type.GroupVersionKind),
                DeprecationWarning = fact.Type is { Group: "", Kind: "Endpoints" } ? "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
                    : fact.Type is { Group: "", Kind: "ComponentStatus" } ? "v1 ComponentStatus is deprecated in v1.19+"
                    : null,
            });
        }

        return resources;
    }

    private static GroupVersionKind StorageKindOf(GroupVersionKind kind) => kind switch
    {
        ("events.k8s.io", _, "Event") => new("", "v1", "Event"),
        ("autoscaling", _, "HorizontalPodAutoscaler") => kind with { Version = "v2" },
        _ => kind,
    };
}
