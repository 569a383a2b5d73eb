using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission;
using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>What configurations of webhooks and policies must look like; each cause was compared with a kube-apiserver 1.36.</summary>
public sealed class RegistrationTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    [Theory]
    [InlineData("""{"name":"a.b"}""", "webhooks[0].name: Invalid value: \"a.b\": should be a domain with at least three segments separated by dots")]
    [InlineData("""{"failurePolicy":"Foo"}""", "webhooks[0].failurePolicy: Unsupported value: \"Foo\": supported values: \"Fail\", \"Ignore\"")]
    [InlineData("""{"sideEffects":"Some"}""", "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\"")]
    [InlineData("""{"sideEffects":null}""", "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun")]
    [InlineData("""{"timeoutSeconds":31}""", "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds")]
    [InlineData("""{"admissionReviewVersions":["v2"]}""", "webhooks[0].admissionReviewVersions: Invalid value: [\"v2\"]: must include at least one of v1, v1beta1")]
    [InlineData("""{"clientConfig":{}}""", "webhooks[0].clientConfig: Required value: exactly one of url or service is required")]
    [InlineData("""{"clientConfig":{"url":"http://a.b/c"}}""", "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"service":{"name":"a","namespace":"b","path":"x"}}}""", "webhooks[0].clientConfig.service.path: Invalid value: \"x\": must start with a '/', webhooks[0].clientConfig.service.path: Invalid value: \"x\": segment[0] may not be empty")]
    [InlineData("""{"clientConfig":{"url":"https://h h/"}}""", "webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse \"https://h h/\": invalid character \" \" in host name; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"url":"https://h:99x/"}}""", "webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse \"https://h:99x/\": invalid port \":99x\" after host; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"url":"https://[::1"}}""", "webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse \"https://[::1\": missing ']' in host; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"url":"https://h/%zz"}}""", "webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse \"https://h/%zz\": invalid URL escape \"%zz\"; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"url":"ftp:x"}}""", "webhooks[0].clientConfig.url: Invalid value: \"ftp\": 'https' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: \"\": host must be specified; desired format: https://host[/path]")]
    [InlineData("""{"clientConfig":{"service":{"namespace":"b"}}}""", "webhooks[0].clientConfig.service.namespace: Required value")]
    [InlineData("""{"clientConfig":{"service":{"name":"a"}}}""", "webhooks[0].clientConfig.service.name: Required value")]
    [InlineData("""{"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["*","pods"]}]}""", "webhooks[0].rules[0].resources: Invalid value: [\"*\",\"pods\"]: if '*' is present, must not specify other resources without subresources")]
    [InlineData("""{"matchConditions":[{"name":"a","expression":"1"}]}""", "webhooks[0].matchConditions[0].expression: Invalid value: \"1\": must evaluate to bool but got int")]
    public async Task A_webhook_that_cannot_be_is_refused(string fields, string cause)
    {
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "w" }, ["webhooks"] = new JsonArray(fixture.Hooks.Hook("ok", "n", fields)) };
        var refused = await fixture.Api.SendAsync(HttpMethod.Post, $"{AdmissionFixture.Registration}/validatingwebhookconfigurations?dryRun=All", body.ToJsonString());
        Assert.Equal(cause.Contains(", webhooks", StringComparison.Ordinal) ? $"[{cause}]" : cause, refused.Message?.Split("is invalid: ", 2)[^1]);
    }

    [Theory]
    [InlineData("""{"url":"x"}""", "url: Invalid value: \"\": 'https' is the only allowed URL scheme; desired format: https://host[/path], spec.conversion.webhookClientConfig.url: Invalid value: \"\": host must be specified; desired format: https://host[/path]]")]
    [InlineData("""{"service":{"name":"x","namespace":"y","path":"//"}}""", "service.path: Invalid value: \"//\": segment[0] may not be empty")]
    [InlineData("""{"service":{}}""", "service.name: Required value, spec.conversion.webhookClientConfig.service.namespace: Required value]")]
    public async Task Webhooks_that_convert_are_where_others_may_be(string client, string cause)
    {
        var refused = await fixture.Api.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All", $$$$$$"""
            {"metadata":{"name":"as.hook.test"},"spec":{"group":"hook.test","scope":"Namespaced","names":{"plural":"as","kind":"A"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}],
             "conversion":{"strategy":"Webhook","webhook":{"clientConfig":{{{{{{client}}}}}},"conversionReviewVersions":["v1"]}}}}
            """);
        Assert.EndsWith("spec.conversion.webhookClientConfig." + cause, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"validations":[]}""", "spec.validations: Required value: validations or auditAnnotations must contain at least one item")]
    [InlineData("""{"validations":[{"expression":"object.x"}]}""", "spec.validations[0].expression: Invalid value: \"object.x\": must evaluate to bool but got dyn")]
    [InlineData("""{"validations":[{"expression":"params.x == 1"}]}""", "undeclared reference to 'params'")]
    [InlineData("""{"validations":[{"expression":"true","messageExpression":"authorizer.path('/x').check('get').reason()"}]}""", "undeclared reference to 'authorizer'")]
    [InlineData("""{"validations":[{"expression":"authorizer.path('/x').check('get')"}]}""", "must evaluate to bool but got kubernetes.authorization.Decision")]
    [InlineData("""{"validations":[{"expression":"true","reason":"Foo"}]}""", "spec.validations[0].reason: Unsupported value: \"Foo\": supported values: \"Forbidden\", \"Invalid\", \"RequestEntityTooLarge\"")]
    [InlineData("""{"variables":[{"name":"a","expression":"variables.b"},{"name":"b","expression":"1"}]}""", "spec.variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:10: undefined field 'b'")]
    [InlineData("""{"auditAnnotations":[{"key":"k","valueExpression":"1"}]}""", "spec.auditAnnotations[0].valueExpression: Invalid value: \"1\": must evaluate to one of [string null_type] but got int")]
    [InlineData("""{"matchConstraints":null}""", "spec.matchConstraints: Required value")]
    public async Task A_policy_that_cannot_be_is_refused(string fields, string cause)
    {
        var spec = JsonNode.Parse("""{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}]},"validations":[{"expression":"true"}]}""")!;
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = spec };
        var refused = await fixture.Api.SendAsync(HttpMethod.Post, $"{AdmissionFixture.Registration}/validatingadmissionpolicies?dryRun=All", body.ToJsonString());
        Assert.Equal(422, (int)refused.Code);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_webhooks_is_another_generation()
    {
        var path = await fixture.ValidatingAsync(fixture.Hooks.Hook("generation", "n"));
        var labelled = await fixture.Api.PatchAsync(path, TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Equal(1, (int)labelled.Json["metadata"]!["generation"]!);
        var changed = await fixture.Api.PatchAsync(path, TestServer.JsonPatch, """[{"op":"replace","path":"/webhooks/0/timeoutSeconds","value":5}]""");
        Assert.Equal(2, (int)changed.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public void While_nothing_is_configured_asking_whether_to_ask_allocates_nothing()
    {
        var chain = new AdmissionChain(new Store(), new Registry.Catalogue([]), TimeProvider.System);
        chain.Start();
        var asked = 0;
        var allocated = Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                asked += chain.Changes || chain.Checks ? 1 : 0;
            }
        });
        Assert.Equal((0, 0), (asked, allocated));
    }
}
