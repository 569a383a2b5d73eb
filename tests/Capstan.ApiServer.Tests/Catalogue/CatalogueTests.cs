using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.ApiServer.Registry.BuiltIn.Services;
using Capstan.ApiServer.Registry.CustomResources;
using Capstan.ApiServer.Storage;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Catalogues;

public class CatalogueTests
{
    internal static IReadOnlyList<ServedResource> BuiltIn { get; } = BuiltInResources.All(new KindRulesFactory(new ServiceAddresses(new Store(), new Random(1)), new Authorization(new Policy(new Store())), TimeProvider.System));

    internal static IReadOnlyList<ServedResource> Custom(string group, params string[] versions)
    {
        var definition = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["group"] = group,
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject { ["plural"] = "widgets" },
                ["versions"] = new JsonArray([.. versions.Select((v, i) => new JsonObject { ["name"] = v, ["served"] = true, ["storage"] = i == 0 })]),
            },
            ["status"] = new JsonObject { ["acceptedNames"] = new JsonObject { ["plural"] = "widgets", ["singular"] = "widget", ["kind"] = "Widget", ["listKind"] = "WidgetList" } },
        };
        return DefinitionReader.Read(definition, isTerminating: false, since: 0);
    }

    [Fact]
    public void Serving_and_withdrawing_swaps_the_model_and_tells()
    {
        var catalogue = new Registry.Catalogue(BuiltIn);
        List<int> told = [];
        catalogue.Changed += model => told.Add(model.All.Count);
        var before = catalogue.Current;
        var definition = new GroupResource("shop.example.com", "widgets");

        catalogue.Serve(definition, Custom("shop.example.com", "v1", "v1beta1"));
        Assert.NotNull(catalogue.Find("shop.example.com", "v1beta1", "widgets"));
        Assert.Null(before.Find("shop.example.com", "v1", "widgets"));

        catalogue.Serve(definition, Custom("shop.example.com", "v1"));
        Assert.Null(catalogue.Find("shop.example.com", "v1beta1", "widgets"));

        catalogue.Serve(definition, []);
        catalogue.Serve(definition, []);
        Assert.Null(catalogue.Find("shop.example.com", "v1", "widgets"));
        Assert.Equal([BuiltIn.Count + 2, BuiltIn.Count + 1, BuiltIn.Count], told);
    }

    [Fact]
    public void Versions_are_ordered_by_stability_then_number_then_name() => Assert.Equal(
        ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"],
        new[] { "v1", "foo10", "v11alpha2", "v10", "v3beta1", "v2", "v11beta2", "foo1", "v10beta3", "v12alpha1" }.Order(VersionPriority.Instance));

    [Fact]
    public void Both_groups_of_events_share_what_is_stored()
    {
        var core = BuiltIn.Single(r => r.Type is { Group: "", Kind: "Event" });
        var renamed = BuiltIn.Single(r => r.Type is { Group: "events.k8s.io", Kind: "Event" });
        Assert.Equal(core.Bucket, renamed.Bucket);

        var obj = new JsonObject { ["apiVersion"] = "events.k8s.io/v1", ["note"] = "n", ["regarding"] = new JsonObject { ["name"] = "p" }, ["reportingController"] = "c" };
        renamed.ToStorage(obj);
        Assert.Equal("""{"apiVersion":"v1","regarding":null}""", new JsonObject { ["apiVersion"] = (string?)obj["apiVersion"], ["regarding"] = obj["regarding"]?.DeepClone() }.ToJsonString());
        Assert.Equal("n", (string?)obj["message"]);
        renamed.FromStorage(obj);
        Assert.Equal(("n", "p", "c"), ((string?)obj["note"], (string?)obj["regarding"]!["name"], (string?)obj["reportingController"]));
    }
}
