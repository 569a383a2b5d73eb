using System.Diagnostics;
using Capstan.Kinds;
using Capstan.Schemas;
using Xunit;

namespace Capstan.Objects.Tests.Kinds;

public class BuiltInKindsTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_type_of_the_table_is_built()
    {
        var clock = Stopwatch.StartNew();
        var names = BuiltInKinds.TypeNames.ToList();
        var fields = names.Sum(name => BuiltInKinds.TypeNamed(name).Properties?.Count ?? 0);
        output.WriteLine($"{names.Count} types with {fields} fields in {clock.ElapsedMilliseconds} ms");
        Assert.True(names.Count > 500);
        Assert.True(fields > 2000);
    }

    [Fact]
    public void A_deployment_is_told_down_to_the_ports_of_its_containers()
    {
        var deployment = BuiltInKinds.SchemaOf(new("apps", "v1", "Deployment"))!;
        Assert.Equal("io.k8s.api.apps.v1.Deployment", deployment.TypeName);
        Assert.Equal(["selector", "template"], deployment.Field("spec")!.Required);
        Assert.Equal(["retainKeys"], deployment.Field("spec")!.Field("strategy")!.PatchStrategies);
        var container = deployment.Field("spec")!.Field("template")!.Field("spec")!.Field("containers")!;
        Assert.Equal((ListType.Map, "name"), (container.ListType, container.PatchMergeKey));
        var ports = container.Items!.Field("ports")!;
        Assert.Equal(["containerPort", "protocol"], ports.ListMapKeys);
        Assert.Equal("containerPort", ports.PatchMergeKey);
        Assert.Equal("TCP", ports.Items!.Field("protocol")!.Default!.GetValue<string>());
        Assert.True(BuiltInKinds.TypeNamed("io.k8s.api.core.v1.ServicePort").Field("targetPort")!.IntOrString);
    }

    [Fact]
    public void What_is_said_of_a_field_is_not_said_of_its_type()
    {
        var strategy = BuiltInKinds.TypeNamed("io.k8s.api.apps.v1.DeploymentStrategy");
        Assert.Empty(strategy.PatchStrategies);
        Assert.Null(strategy.Default);
        var field = BuiltInKinds.TypeNamed("io.k8s.api.apps.v1.DeploymentSpec").Field("strategy")!;
        Assert.Same(strategy.Properties, field.Properties);
    }

    [Fact]
    public void Fields_of_a_type_are_made_when_somebody_looks_at_them()
    {
        var table = new TypeTable("""
            a.Outer object
             inner @a.Inner
             text string
            a.Inner object
             outer @a.Outer

            """.ReplaceLineEndings("\n"));

        var outer = table.Get("io.k8s.a.Outer");
        var fields = Assert.IsType<LateFields>(outer.Properties);
        Assert.Equal((2, false), (fields.Count, fields.Made));

        var inner = outer.Field("inner")!;
        Assert.True(fields.Made);
        Assert.False(Assert.IsType<LateFields>(inner.Properties).Made);
        Assert.Same(outer, inner.Field("outer"));
        Assert.Equal(["inner", "text"], fields.Keys);
    }

    [Fact]
    public void A_type_may_contain_itself()
    {
        var schema = BuiltInKinds.TypeNamed("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
        Assert.Same(schema, schema.Field("not"));
        Assert.Same(schema, schema.Field("properties")!.AdditionalProperties);
        Assert.True(schema.Field("default")!.PreserveUnknownFields);
        Assert.Equal(ListType.Map, schema.Field("x-kubernetes-validations")!.ListType);
    }

    [Fact]
    public void Kinds_that_do_not_exist_have_no_schema()
    {
        Assert.Null(BuiltInKinds.SchemaOf(new("apps", "v1beta1", "Deployment")));
        Assert.Throws<KeyNotFoundException>(() => BuiltInKinds.TypeNamed("io.k8s.api.core.v1.Nothing"));
    }

    [Fact]
    public void Resources_are_those_of_discovery()
    {
        var deployments = BuiltInKinds.Resources.Single(resource => resource.Type.GroupResource == new GroupResource("apps", "deployments"));
        Assert.Equal(("deployment", true), (deployments.Singular, deployments.Type.Namespaced));
        Assert.Equal(["deploy"], deployments.ShortNames);
        Assert.Equal(["all"], deployments.Categories);
        Assert.Contains("watch", deployments.Verbs);
        Assert.Equal(["scale", "status"], deployments.Subresources.Select(subresource => subresource.Name));
        Assert.Equal(new("autoscaling", "v1", "Scale"), deployments.Subresources[0].Kind);
        Assert.False(BuiltInKinds.Resources.Single(resource => resource.Type.Kind == "Node").Type.Namespaced);
    }

    [Fact]
    public void Every_resource_that_can_be_listed_has_a_schema_and_a_list()
    {
        foreach (var resource in BuiltInKinds.Resources.Where(resource => resource.Verbs.Contains("list")))
        {
            var kind = resource.Type.GroupVersionKind;
            Assert.True(BuiltInKinds.SchemaOf(kind) is not null, kind.ToString());
            Assert.True(BuiltInKinds.SchemaOf(kind with { Kind = kind.Kind + "List" }) is not null, kind.ToString());
        }
    }
}
