using System.Text.Json.Nodes;
using Capstan;
using Capstan.Testing;
using Capstan.Tool;
using Capstan.Tool.Manifests;
using Capstan.Yaml;

namespace EndToEnd.Tests.ManifestsOfTypes;

/// <summary>From C# types to CustomResourceDefinitions and roles.</summary>
public sealed class DefinitionTests
{
    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    [Fact]
    public void Everything_that_types_can_say_is_in_the_definition()
    {
        var expected = new StreamReader(typeof(DefinitionTests).Assembly.GetManifestResourceStream("shop.yaml")!).ReadToEnd();

        Assert.Equal(expected, YamlWriter.Write(ShopDefinition()));
    }

    [Fact]
    public void Rights_of_one_resource_are_one_rule_and_resources_of_equal_rights_too()
    {
        var rights = new RbacAttribute[]
        {
            new("apps", "deployments, statefulsets", "patch", "get"),
            new("apps", "deployments", "create"),
            new("apps", "statefulsets", "create", "get"),
            new("apps", "daemonsets", "get"),
            new("", "secrets", "get") { ResourceNames = ["b", "a"] },
            new RbacAttribute<Shop>("patch") { Subresource = "status" },
            new("coordination.k8s.io", "leases", "update") { OwnNamespace = true },
        };

        var roles = string.Join("---\n", RolesOfRights.Of(rights, "shop", "shop-system").Select(role => role.ToJsonString() + "\n"));

        Assert.Equal(
            """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"shop"},"rules":[{"apiGroups":[""],"resources":["secrets"],"resourceNames":["a","b"],"verbs":["get"]},{"apiGroups":["apps"],"resources":["daemonsets"],"verbs":["get"]},{"apiGroups":["apps"],"resources":["deployments","statefulsets"],"verbs":["get","create","patch"]},{"apiGroups":["trade.example.com"],"resources":["shops/status"],"verbs":["patch"]}]}
            ---
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"shop","namespace":"shop-system"},"rules":[{"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["update"]}]}

            """.ReplaceLineEndings("\n"),
            roles);
    }

    [Fact]
    public void Rights_are_found_on_the_assembly_on_kinds_and_on_any_class()
    {
        var rights = OperatorAssembly.Load(typeof(Shop).Assembly.Location).Rights.ToList();

        Assert.Equal(6, rights.Count);
        Assert.Contains(rights, right => right.Resources is ["events"]);
        Assert.Contains(rights, right => right.Resources is ["shops/status"]);
        Assert.Contains(rights, right => right is { OwnNamespace: true, ResourceNames: ["shop"] });
    }

    [Fact]
    public void A_type_that_contains_itself_is_refused_with_the_field()
    {
        var fault = Assert.Throws<CannotRunException>(() => new DefinitionOfKinds(new()).Of([Kind<Nested>()]).ToList());

        Assert.StartsWith("Nested.spec.parts[]: NestedPart contains itself", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_versions_that_both_store_are_refused()
    {
        var both = new[] { Kind<Shop>(), Kind<Shop>() };

        var fault = Assert.Throws<CannotRunException>(() => new DefinitionOfKinds(new()).Of(both).ToList());

        Assert.Contains("2 of its versions say that objects are stored in them", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_server_takes_the_definition_and_what_it_says_holds()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var client = cluster.Client;
        await client.CreateAsync(Definitions, DynamicObject.From(ShopDefinition()), cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.SeeAsync("shops to be served", stop => client.ListAsync<Shop>(cancellationToken: stop), _ => true, cancellationToken: TestContext.Current.CancellationToken);

        var made = await client.CreateAsync(new Shop { Metadata = new() { Name = "corner", Namespace = "default" }, Spec = new() { Owner = "ann", Size = 2 } }, cancellationToken: TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ApiException>(() => client.CreateAsync(
            new Shop { Metadata = new() { Name = "corner2", Namespace = "default" }, Spec = new() { Owner = "Ann" } }, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(2, made.Spec.Size);
        Assert.Contains("spec.owner", refused.Message, StringComparison.Ordinal);
    }

    private static JsonObject ShopDefinition() => new DefinitionOfKinds(new()).Of([Kind<Shop>(), Kind<OldShop>()]).Single().Content;

    private static OperatorAssembly.Kind Kind<T>()
        where T : KubeObject, IKubeObject<T> => new(typeof(T), T.Resource, T.JsonTypeInfo);
}
