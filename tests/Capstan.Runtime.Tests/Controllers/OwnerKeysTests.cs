using System.Text.Json.Nodes;
using Capstan.Controllers;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class OwnerKeysTests
{
    private static readonly ResourceType Database = new("example.com", "v1", "Database", "databases", Namespaced: true);

    [Fact]
    public void Only_the_controlling_owner_of_the_kind_counts()
    {
        var pod = Owned(("example.com/v1", "Database", "db", true), ("example.com/v1", "Database", "other", false), ("other.com/v1", "Database", "foreign", false));
        Assert.Equal([new ObjectKey("prod", "db")], OwnerKeys.Of(pod, Database));
    }

    [Fact]
    public void Another_version_of_the_owners_kind_is_the_same_owner() =>
        Assert.Equal([new ObjectKey("prod", "db")], OwnerKeys.Of(Owned(("example.com/v1alpha1", "Database", "db", true)), Database));

    [Fact]
    public void A_controller_of_another_group_is_another_owner() =>
        Assert.Empty(OwnerKeys.Of(Owned(("other.com/v1", "Database", "db", true)), Database));

    [Fact]
    public void A_cluster_scoped_owner_has_no_namespace() =>
        Assert.Equal([ObjectKey.ClusterScoped("db")], OwnerKeys.Of(Owned(("example.com/v1", "Database", "db", true)), Database with { Namespaced = false }));

    [Fact]
    public void No_object_and_no_owner_give_no_key()
    {
        Assert.Empty(OwnerKeys.Of(null, Database));
        Assert.Empty(OwnerKeys.Of(Owned(), Database));
    }

    private static DynamicObject Owned(params (string ApiVersion, string Kind, string Name, bool Controller)[] owners) => DynamicObject.From(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = "pod",
            ["namespace"] = "prod",
            ["ownerReferences"] = new JsonArray([.. owners.Select(owner => new JsonObject
            {
                ["apiVersion"] = owner.ApiVersion,
                ["kind"] = owner.Kind,
                ["name"] = owner.Name,
                ["uid"] = "u-" + owner.Name,
                ["controller"] = owner.Controller,
            })]),
        },
    });
}
