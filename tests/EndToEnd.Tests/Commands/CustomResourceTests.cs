using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Commands;

public sealed class CustomResourceTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_definition_becomes_established_and_its_kind_is_served_by_every_name()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3}"), "apply", "-f", "-");
        foreach (var name in (string[])["widgets", "widget", "wd", "Widget", "widgets.e2e.example.com", "widgets.v1.e2e.example.com"])
        {
            Assert.Equal("widget.e2e.example.com/w", await kubectl.DoAsync("get", name, "w", "-o", "name"));
        }
    }

    [Fact]
    public async Task Columns_are_those_of_the_definition()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3}"), "apply", "-f", "-");
        await kubectl.DoAsync("patch", "widget", "w", "--subresource=status", "--type=merge", "-p", """{"status":{"phase":"Running"}}""");
        Assert.Matches("^NAME +SIZE +PHASE\nw +3 +Running$", await kubectl.DoAsync("get", "widgets"));
        Assert.Matches("^NAME +SIZE +PHASE +COLOUR\nw +3 +Running +green$", await kubectl.DoAsync("get", "widgets", "-o", "wide"));
    }

    [Fact]
    public async Task Defaults_are_filled_in_and_unknown_fields_are_cut()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3, weight: 9}"), "create", "--validate=false", "-f", "-");
        Assert.Equal("""{"colour":"green","size":3}""", await kubectl.FieldAsync("widget", "w", ".spec"));
        (await kubectl.TryWithAsync(Manifests.Widget("x", "{size: 3, weight: 9}"), "create", "-f", "-")).Refused("""unknown field "spec.weight" """.TrimEnd());
    }

    [Theory]
    [InlineData("{colour: red}", "spec.size: Required value")]
    [InlineData("{size: 3, colour: blue}", """spec.colour: Unsupported value: "blue": supported values: "red", "green" """)]
    [InlineData("{size: large}", """spec.size: Invalid value: "string": spec.size in body must be of type integer: "string" """)]
    [InlineData("{size: 0}", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    public async Task A_value_outside_the_schema_is_refused_with_its_field_and_rule(string spec, string message)
    {
        var kubectl = await WithWidgetsAsync();
        (await kubectl.TryWithAsync(Manifests.Widget("w", spec), "create", "--validate=false", "-f", "-")).Refused(message.TrimEnd());
    }

    [Fact]
    public async Task Status_is_written_only_through_its_subresource_and_spec_never_through_it()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3}"), "apply", "-f", "-");
        await kubectl.DoAsync("patch", "widget", "w", "--type=merge", "-p", """{"status":{"phase":"Lost"},"spec":{"size":4}}""");
        await kubectl.DoAsync("patch", "widget", "w", "--subresource=status", "--type=merge", "-p", """{"status":{"phase":"Kept"},"spec":{"size":9}}""");
        Assert.Equal("4 Kept 2", await kubectl.DoAsync("get", "widget", "w", "-o", "jsonpath={.spec.size} {.status.phase} {.metadata.generation}"));
    }

    [Fact]
    public async Task Wait_sees_a_json_path_and_a_condition_come_true()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3}"), "apply", "-f", "-");
        await using var forPhase = kubectl.Start("wait", "--for=jsonpath={.status.phase}=Running", "widget/w", "--timeout=30s");
        await using var forReady = kubectl.Start("wait", "--for=condition=Ready", "widget/w", "--timeout=30s");
        const string Status = """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""";
        await kubectl.DoAsync("patch", "widget", "w", "--subresource=status", "--type=merge", "-p", Status);
        Assert.Equal(0, await forPhase.ExitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(0, await forReady.ExitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        (await kubectl.TryAsync("wait", "--for=condition=Never", "widget/w", "--timeout=1s")).Refused("timed out waiting for the condition on widgets/w");
    }

    [Fact]
    public async Task Explain_tells_the_fields_with_their_descriptions()
    {
        var kubectl = await WithWidgetsAsync();
        var kind = await kubectl.DoAsync("explain", "widgets");
        Assert.Contains("KIND:       Widget", kind, StringComparison.Ordinal);
        Assert.Contains("A widget is what these tests make.", kind, StringComparison.Ordinal);
        var field = await kubectl.DoAsync("explain", "widget.spec.size");
        Assert.Contains("FIELD: size <integer>", field, StringComparison.Ordinal);
        Assert.Contains("How large it is.", field, StringComparison.Ordinal);
        Assert.Contains("enum: red, green", await kubectl.DoAsync("explain", "widget.spec"), StringComparison.Ordinal);
        (await kubectl.TryAsync("explain", "widget.spec.none")).Refused("field \"none\" does not exist");
    }

    [Fact]
    public async Task Server_side_apply_knows_the_custom_schema()
    {
        var kubectl = await WithWidgetsAsync();
        await kubectl.DoWithAsync(Manifests.Widget("w", "{size: 3}"), "apply", "--server-side", "-f", "-");
        (await kubectl.TryWithAsync(Manifests.Widget("w", "{size: 4}"), "apply", "--server-side", "--field-manager=other", "-f", "-")).Refused(".spec.size");
        Assert.Contains("Widget", await kubectl.DoAsync("describe", "widget", "w"), StringComparison.Ordinal);
    }

    private async Task<Kubectl> WithWidgetsAsync()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Widgets, "apply", "-f", "-");
        await kubectl.DoAsync("wait", "--for=condition=Established", "crd/widgets.e2e.example.com", "--timeout=30s");
        return kubectl;
    }
}
