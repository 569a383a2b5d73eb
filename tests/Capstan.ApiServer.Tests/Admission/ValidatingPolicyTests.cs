using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>ValidatingAdmissionPolicies and their bindings, over the wire. The wording was compared with a kube-apiserver 1.36.</summary>
public sealed class ValidatingPolicyTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private int _policies;

    [Fact]
    public async Task A_failed_validation_denies_with_its_message_and_reason()
    {
        var ns = await fixture.NamespaceAsync();
        var policy = await BindAsync(ns, """
            {"validations":[{"expression":"object.metadata.name != 'bad'"},
              {"expression":"!has(object.data) || object.data.size() < 2","messageExpression":"'too many: ' + string(object.data.size())","reason":"RequestEntityTooLarge"}]}
            """);

        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "good")).Code);
        var bad = await fixture.CreateAsync(ns, "bad");
        var why = $"ValidatingAdmissionPolicy '{policy}' with binding '{policy}' denied request: failed expression: object.metadata.name != 'bad'";
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid", $"configmaps \"bad\" is forbidden: {why}"), (bad.Code, bad.Reason, bad.Message));
        Assert.Equal($$"""[{"message":"{{why}}"}]""", bad.Json["details"]!["causes"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        var large = await fixture.Api.PatchAsync($"/api/v1/namespaces/{ns}/configmaps/good", TestServer.MergePatch, """{"data":{"a":"1","b":"2"}}""");
        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", $"configmaps \"good\" is forbidden: ValidatingAdmissionPolicy '{policy}' with binding '{policy}' denied request: too many: 2"),
            (large.Code, large.Reason, large.Message));
    }

    [Theory]
    [InlineData("Fail", "Deny", 422)]
    [InlineData("Ignore", "Deny", 201)]
    [InlineData("Fail", "Warn", 201)]
    [InlineData("Fail", "Audit", 201)]
    public async Task An_error_counts_as_the_failure_policy_says_and_a_failure_as_the_binding_says(string failurePolicy, string action, int code)
    {
        var ns = await fixture.NamespaceAsync();
        var policy = await BindAsync(ns, $$"""{"failurePolicy":"{{failurePolicy}}","validations":[{"expression":"object.data.x == 'y'"}]}""", $$"""{"validationActions":["{{action}}"]}""");

        var answer = await fixture.CreateAsync(ns, "a");

        Assert.Equal(code, (int)answer.Code);
        Assert.Equal(
            action == "Warn" ? [$"299 - \"Validation failed for ValidatingAdmissionPolicy '{policy}' with binding '{policy}': expression 'object.data.x == 'y'' resulted in error: no such key: data\""] : [],
            answer.Warnings);
    }

    [Theory]
    [InlineData("authorizer.group('').resource('pods').namespace('NS').check('create').allowed()", true, false)]
    [InlineData("authorizer.group('').resource('configmaps').namespace('NS').check('create').allowed()", true, true)]
    [InlineData("authorizer.group('').resource('configmaps').check('create').allowed()", true, false)]
    [InlineData("authorizer.requestResource.check('create').allowed()", true, true)]
    [InlineData("authorizer.requestResource.check('delete').allowed()", true, false)]
    [InlineData("authorizer.path('/metrics').check('get').allowed()", true, false)]
    [InlineData("authorizer.path('/version').check('get').allowed()", true, true)]
    [InlineData("authorizer.serviceAccount('NS', 'robot').group('').resource('secrets').namespace('NS').check('get').allowed()", true, true)]
    [InlineData("authorizer.serviceAccount('NS', 'other').group('').resource('secrets').namespace('NS').check('get').allowed()", false, false)]
    [InlineData("authorizer.group('').resource('pods').namespace('NS').fieldSelector('spec.nodeName=n').check('list').errored()", false, false)]
    public async Task A_policy_asks_what_the_user_or_an_account_may_do(string expression, bool masters, bool jane)
    {
        var ns = await fixture.NamespaceAsync();
        var rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}";
        foreach (var (name, resource, verb, subject) in new[]
        {
            ("jane", "configmaps", "create", """{"kind":"User","name":"jane","apiGroup":"rbac.authorization.k8s.io"}"""),
            ("robot", "secrets", "get", $$"""{"kind":"ServiceAccount","name":"robot","namespace":"{{ns}}"}"""),
        })
        {
            await fixture.Api.SendAsync(HttpMethod.Post, $"{rbac}/roles", $$$"""{"metadata":{"name":"{{{name}}}"},"rules":[{"apiGroups":[""],"resources":["{{{resource}}}"],"verbs":["{{{verb}}}"]}]}""");
            var bound = await fixture.Api.SendAsync(HttpMethod.Post, $"{rbac}/rolebindings", $$$"""{"metadata":{"name":"{{{name}}}"},"roleRef":{"kind":"Role","name":"{{{name}}}","apiGroup":"rbac.authorization.k8s.io"},"subjects":[{{{subject}}}]}""");
            Assert.Equal(HttpStatusCode.Created, bound.Code);
        }

        await BindAsync(ns, new JsonObject { ["validations"] = new JsonArray(new JsonObject { ["expression"] = expression.Replace("NS", ns, StringComparison.Ordinal) }) }.ToJsonString());
        Assert.Equal(masters ? 201 : 422, (int)(await fixture.CreateAsync(ns, "by-masters")).Code);
        using var client = fixture.Api.ClientFor(fixture.Api.Server.AdminCertificate);
        client.DefaultRequestHeaders.Add("Impersonate-User", "jane");
        var answer = await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"by-jane"}}""", client: client);
        Assert.Equal(jane ? 201 : 422, (int)answer.Code);
    }

    [Fact]
    public async Task Conditions_variables_the_namespace_and_the_request_can_be_used()
    {
        var ns = await fixture.NamespaceAsync();
        await BindAsync(ns, """
            {"matchConditions":[{"name":"c","expression":"object.metadata.name != 'skip'"}],
             "variables":[{"name":"home","expression":"namespaceObject.metadata.name"},{"name":"both","expression":"variables.home + '/' + request.operation"}],
             "validations":[{"expression":"false","messageExpression":"variables.both"}]}
            """);

        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "skip")).Code);
        Assert.EndsWith($"denied request: {ns}/CREATE", (await fixture.CreateAsync(ns, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_parameter_must_be_met_and_a_missing_one_denies_where_it_must_be_there()
    {
        var ns = await fixture.NamespaceAsync();
        var limits = $"/api/v1/namespaces/{ns}/secrets";
        foreach (var (name, max) in ((string, string)[])[("one", "3"), ("two", "2")])
        {
            await fixture.Api.SendAsync(HttpMethod.Post, limits, $$"""{"metadata":{"name":"{{name}}","labels":{"limit":"yes","max":"{{max}}"} } }""");
        }

        var policy = await BindAsync(
            ns,
            """{"paramKind":{"apiVersion":"v1","kind":"Secret"},"validations":[{"expression":"!has(object.data) || object.data.size() <= int(params.metadata.labels.max)","messageExpression":"'more than ' + params.metadata.labels.max"}]}""",
            """{"paramRef":{"selector":{"matchLabels":{"limit":"yes"}},"parameterNotFoundAction":"Deny"}}""");

        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a", ""","data":{"a":"","b":""}""")).Code);
        Assert.EndsWith("denied request: more than 2", (await fixture.CreateAsync(ns, "b", ""","data":{"a":"","b":"","c":""}""")).Message, StringComparison.Ordinal);
        await fixture.Api.SendAsync(HttpMethod.Delete, limits);
        Assert.EndsWith(
            $"'{policy}' with binding '{policy}' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
            (await fixture.CreateAsync(ns, "c")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_of_parameters_that_nobody_serves_denies_as_a_fault_of_the_policy()
    {
        var ns = await fixture.NamespaceAsync();
        var policy = await BindAsync(ns, """{"paramKind":{"apiVersion":"none.example.com/v1","kind":"None"},"validations":[{"expression":"true"}]}""");
        Assert.EndsWith(
            $"ValidatingAdmissionPolicy '{policy}' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'none.example.com/v1, Kind=None'",
            (await fixture.CreateAsync(ns, "a")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"matchResources":{"objectSelector":{"matchLabels":{"x":"y"}}}}""", 201)]
    [InlineData("""{"matchResources":{"excludeResourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]}}""", 201)]
    [InlineData("""{"matchResources":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"],"resourceNames":["other"]}]}}""", 201)]
    [InlineData("""{"matchResources":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"],"resourceNames":["a"]}]}}""", 422)]
    public async Task A_binding_narrows_its_policy(string binding, int code)
    {
        var ns = await fixture.NamespaceAsync();
        await BindAsync(ns, """{"validations":[{"expression":"false"}]}""", binding);
        Assert.Equal(code, (int)(await fixture.CreateAsync(ns, "a")).Code);
    }

    [Fact]
    public async Task A_policy_without_a_binding_and_one_whose_binding_is_gone_hold_nowhere()
    {
        var ns = await fixture.NamespaceAsync();
        var policy = await BindAsync(ns, """{"validations":[{"expression":"false"}]}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await fixture.CreateAsync(ns, "a")).Code);
        await fixture.Api.SendAsync(HttpMethod.Delete, $"{AdmissionFixture.Registration}/validatingadmissionpolicybindings/{policy}");
        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a")).Code);
    }

    private async Task<string> BindAsync(string ns, string spec, string binding = "{}")
    {
        var name = $"{ns}-{++_policies}";
        var policy = JsonNode.Parse(spec)!;
        policy["matchConstraints"] = JsonNode.Parse($$$"""
            {"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{{ns}}}"}},"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["configmaps"]}]}
            """);
        var bound = JsonNode.Parse(binding)!;
        bound["policyName"] = name;
        bound["validationActions"] ??= new JsonArray("Deny");
        await PostAsync("ValidatingAdmissionPolicy", "validatingadmissionpolicies", name, policy);
        await PostAsync("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", name, bound);
        return name;
    }

    private async Task PostAsync(string kind, string plural, string name, JsonNode spec)
    {
        var body = new JsonObject { ["kind"] = kind, ["apiVersion"] = "admissionregistration.k8s.io/v1", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
        Assert.Equal(HttpStatusCode.Created, (await fixture.Api.SendAsync(HttpMethod.Post, $"{AdmissionFixture.Registration}/{plural}", body.ToJsonString())).Code);
    }
}
