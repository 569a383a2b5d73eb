using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Access;

/// <summary>Tokens of ServiceAccounts: asked for, bound, shown, refused. The answers are those that Kubernetes 1.36.2 gave.</summary>
public sealed class TokenTests(TestServer server) : IClassFixture<TestServer>
{
    private const string NotInHeader = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Theory]
    [InlineData("""{"spec":{"expirationSeconds":599}}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [InlineData("""{"spec":{"expirationSeconds":4294967297}}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds")]
    [InlineData("""{"spec":{"expirationSeconds":"x"}}""", 400, "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: json: cannot unmarshal string into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64")]
    [InlineData("""{"spec":{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1","name":"x"}}}""", 400, "cannot bind token to object of type /v1, Kind=ConfigMap")]
    [InlineData("""{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"x"}}}""", 404, "pods \"x\" not found")]
    [InlineData("""{"spec":{"boundObjectRef":{}}}""", 400, "cannot bind token to object of type /, Kind=")]
    [InlineData("""{"metadata":{"name":"other"}}""", 422, "TokenRequest.authentication.k8s.io \"robot\" is invalid: metadata.name: Invalid value: \"other\": must match the service account name if specified")]
    [InlineData("""{"metadata":{"namespace":"other"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"kind":"TokenRequest","apiVersion":"v1"}""", 400, "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: no kind \"TokenRequest\" is registered for version \"v1\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"")]
    public async Task A_request_that_is_wrong_is_told_so(string body, int code, string message)
    {
        var answer = await server.SendAsync(HttpMethod.Post, $"{await RobotAsync()}/token", body);
        Assert.Equal((code, message), ((int)answer.Code, answer.Message));
    }

    [Fact]
    public async Task An_unknown_field_is_a_warning_or_where_wished_an_error()
    {
        var path = $"{await RobotAsync()}/token";
        var warned = await server.SendAsync(HttpMethod.Post, path, """{"spec":{"nope":1}}""");
        Assert.Equal(HttpStatusCode.Created, warned.Code);
        Assert.Equal("299 - \"unknown field \\\"spec.nope\\\"\"", Assert.Single(warned.Warnings));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Post, $"{path}?fieldValidation=Strict", """{"spec":{"nope":1}}""")).Code);
    }

    [Fact]
    public async Task A_token_bound_to_a_secret_is_good_for_as_long_as_that_very_secret_is_there()
    {
        var robot = await RobotAsync();
        var secrets = robot[..robot.IndexOf("/serviceaccounts", StringComparison.Ordinal)] + "/secrets";
        await server.SendAsync(HttpMethod.Post, secrets, """{"metadata":{"name":"s"}}""");
        var wrong = await server.SendAsync(HttpMethod.Post, $"{robot}/token", """{"spec":{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"s","uid":"other"}}}""");
        Assert.Equal(HttpStatusCode.Conflict, wrong.Code);
        Assert.StartsWith("Operation cannot be fulfilled on Secret \"s\": the UID in the bound object reference (other)", wrong.Message, StringComparison.Ordinal);
        var token = (string)(await server.SendAsync(HttpMethod.Post, $"{robot}/token", """{"spec":{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"s"}}}""")).Json["status"]!["token"]!;
        Assert.Equal(HttpStatusCode.Created, (await AskAsync($"Bearer {token}")).Code);
        await server.SendAsync(HttpMethod.Delete, $"{secrets}/s");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync($"Bearer {token}")).Code);
    }

    [Theory]
    [InlineData("Bearer nope", 401)]
    [InlineData("bearer nope", 401)]
    [InlineData("Bearer nope extra", 401)]
    [InlineData("Bearer", 201)]
    [InlineData("Basic YTpi", 201)]
    [InlineData("Bearer  nope", 201, "299 - \"the provided Authorization header contains extra space before the bearer token, and is ignored\"")]
    public async Task What_is_no_bearer_token_is_nobody_and_what_is_a_bad_one_is_refused(string header, int code, string? warning = null)
    {
        var answer = await AskAsync(header);
        Assert.Equal(code, (int)answer.Code);
        Assert.Equal(warning, answer.Warnings.SingleOrDefault());
        if (code == 201)
        {
            Assert.Equal("system:anonymous", (string?)answer.Json["status"]!["userInfo"]!["username"]);
        }
    }

    [Fact]
    public async Task A_certificate_is_told_by_its_hash()
    {
        using var certificate = server.Server.CreateClientCertificate("jane", "staff");
        using var jane = server.ClientFor(certificate);
        var user = (await server.SendAsync(HttpMethod.Post, NotInHeader, "{}", client: jane)).Json["status"]!["userInfo"]!;
        Assert.Equal(["staff", "system:authenticated"], user["groups"]!.AsArray().Select(g => (string)g!));
        Assert.Equal($"X509SHA256={certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant()}", (string?)user["extra"]!["authentication.kubernetes.io/credential-id"]![0]);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        await using var other = await EmbeddedApiServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var certificate = other.CreateClientCertificate("jane", "system:masters");
        using var jane = server.ClientFor(certificate);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces", client: jane)).Code);
    }

    [Theory]
    [InlineData("system:serviceaccount:Bad:robot", "system:authenticated")]
    [InlineData("system:serviceaccount:x", "system:authenticated")]
    [InlineData("system:serviceaccount:x:robot", "system:serviceaccounts,system:serviceaccounts:x,system:authenticated")]
    public async Task Only_what_can_be_the_name_of_an_account_has_its_groups(string user, string groups)
    {
        using var admin = server.ClientFor(server.Server.AdminCertificate);
        admin.DefaultRequestHeaders.Add("Impersonate-User", user);
        var answer = await server.SendAsync(HttpMethod.Post, NotInHeader, "{}", client: admin);
        Assert.Equal(groups, string.Join(',', answer.Json["status"]!["userInfo"]!["groups"]!.AsArray().Select(g => (string)g!)));
    }

    [Fact]
    public async Task Headers_that_mean_the_same_key_count_together()
    {
        using var admin = server.ClientFor(server.Server.AdminCertificate);
        admin.DefaultRequestHeaders.Add("Impersonate-User", "ann");
        admin.DefaultRequestHeaders.TryAddWithoutValidation("Impersonate-Extra-a%62", "p");
        admin.DefaultRequestHeaders.TryAddWithoutValidation("Impersonate-Extra-Ab", "q");
        admin.DefaultRequestHeaders.TryAddWithoutValidation("Impersonate-Extra-bad%zz", "r");
        var extra = (await server.SendAsync(HttpMethod.Post, NotInHeader, "{}", client: admin)).Json["status"]!["userInfo"]!["extra"]!;
        Assert.Equal(["p", "q"], extra["ab"]!.AsArray().Select(v => (string)v!).Order());
        Assert.Equal("r", (string?)extra["bad%zz"]![0]);
    }

    [Theory]
    [InlineData("""{"labelSelector":{"requirements":[{"key":"a","operator":"Nope","values":["b"]}]}}""", 201, "spec.resourceAttributes.labelSelector ignored due to parse error")]
    [InlineData("""{"fieldSelector":{"requirements":[{"key":"metadata.name","operator":"NotIn","values":["b","c"]}]}}""", 201, "spec.resourceAttributes.fieldSelector ignored due to parse error")]
    [InlineData("""{"labelSelector":{"requirements":[{"key":"a","operator":"In"}]}}""", 422, ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData("""{"labelSelector":{"requirements":[{"key":"a","operator":"Exists","values":["b"]}]}}""", 422, ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    public async Task Selectors_of_a_question_are_checked(string attributes, int code, string told)
    {
        var resource = JsonNode.Parse(attributes)!.AsObject();
        resource["verb"] = "list";
        resource["resource"] = "configmaps";
        var answer = await server.SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews", new JsonObject { ["spec"] = new JsonObject { ["user"] = "ann", ["resourceAttributes"] = resource } }.ToJsonString());
        Assert.Equal((code, told), ((int)answer.Code, code == 201 ? (string?)answer.Json["status"]!["evaluationError"] : answer.Message));
    }

    private async Task<string> RobotAsync()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        return $"{ns}/serviceaccounts/robot";
    }

    private async Task<Answer> AskAsync(string header)
    {
        using var nobody = server.ClientFor(null);
        nobody.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        // Nobody may ask who he is before he is let: the admin lets everybody.
        await server.SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"everybody-may-ask"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"system:basic-user"},
            "subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"system:unauthenticated"}]}
            """);
        return await server.SendAsync(HttpMethod.Post, NotInHeader, "{}", client: nobody);
    }
}
