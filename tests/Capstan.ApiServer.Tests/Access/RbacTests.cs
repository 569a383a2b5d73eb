using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace Capstan.ApiServer.Tests.Access;

/// <summary>Rights by roles, tokens of ServiceAccounts, and the kinds that answer who may what.</summary>
public sealed class RbacTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Fact]
    public async Task A_role_holds_in_its_namespace_for_whom_it_is_bound_to()
    {
        var ns = await server.NamespaceAsync();
        await GrantAsync(ns, "ann", """{"apiGroups":[""],"resources":["configmaps","pods/log"],"verbs":["get","list"]}""");
        using var ann = As("ann");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(ann, HttpMethod.Get, $"{ns}/configmaps"));
        Assert.Equal(HttpStatusCode.NotFound, await CodeAsync(ann, HttpMethod.Get, $"{ns}/pods/x/log"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(ann, HttpMethod.Get, $"{ns}/pods/x"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(ann, HttpMethod.Delete, $"{ns}/configmaps/x"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(ann, HttpMethod.Get, "/api/v1/namespaces/default/configmaps"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(ann, HttpMethod.Get, "/api/v1/configmaps"));
    }

    [Fact]
    public async Task A_role_for_one_name_allows_a_watch_of_that_name_only()
    {
        var ns = await server.NamespaceAsync();
        await GrantAsync(ns, "bob", """{"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"],"verbs":["list","get"]}""");
        using var bob = As("bob");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(bob, HttpMethod.Get, $"{ns}/secrets?fieldSelector=metadata.name%3Dmine"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(bob, HttpMethod.Get, $"{ns}/secrets"));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(bob, HttpMethod.Get, $"{ns}/secrets?fieldSelector=metadata.name!%3Dmine"));
    }

    [Fact]
    public async Task Nobody_gives_rights_that_he_does_not_have()
    {
        var ns = await server.NamespaceAsync();
        await GrantAsync(ns, "eve", """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["create","get"]},{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""");
        using var eve = As("eve");
        var path = $"{Rbac}{ns["/api/v1".Length..]}";
        var more = await server.SendAsync(HttpMethod.Post, $"{path}/roles", """{"metadata":{"name":"more"},"rules":[{"apiGroups":[""],"resources":["pods","secrets"],"verbs":["get","delete"]}]}""", client: eve);
        Assert.Equal(HttpStatusCode.Forbidden, more.Code);
        Assert.Equal(
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"eve\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"delete\"]}",
            more.Message);
        var bind = await server.SendAsync(HttpMethod.Post, $"{path}/rolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"eve"}]}""", client: eve);
        Assert.Equal(HttpStatusCode.Forbidden, bind.Code);
        var own = await server.SendAsync(HttpMethod.Post, $"{path}/roles", """{"metadata":{"name":"own"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""", client: eve);
        Assert.Equal(HttpStatusCode.Created, own.Code);
    }

    [Fact]
    public async Task A_token_is_good_for_as_long_as_its_account()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var issued = await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts/robot/token", "{}");
        var token = (string)issued.Json["status"]!["token"]!;
        using var robot = server.ClientFor(null);
        robot.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var me = await server.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", client: robot);
        Assert.Equal($"system:serviceaccount:{ns.Split('/')[^1]}:robot", (string?)me.Json["status"]!["userInfo"]!["username"]);
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(robot, HttpMethod.Get, $"{ns}/pods"));

        await server.SendAsync(HttpMethod.Delete, $"{ns}/serviceaccounts/robot");
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(robot, HttpMethod.Get, "/version"));
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(robot, HttpMethod.Get, "/version"));
    }

    [Fact]
    public async Task A_token_for_others_or_changed_by_one_letter_lets_nobody_in()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var vault = (string)(await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts/robot/token", """{"spec":{"audiences":["vault"]}}""")).Json["status"]!["token"]!;
        var good = (string)(await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts/robot/token", "{}")).Json["status"]!["token"]!;
        var parts = good.Split('.');
        foreach (var bad in new[] { vault, $"{parts[0]}.{parts[1]}A.{parts[2]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}..{parts[2]}", new string('a', 100_000), "a.b.c", ".." })
        {
            using var client = server.ClientFor(null);
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + bad[..Math.Min(bad.Length, 30_000)]);
            Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(client, HttpMethod.Get, "/healthz"));
        }
    }

    [Fact]
    public async Task A_token_bound_to_a_pod_goes_with_it()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var missing = await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts/robot/token", """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}}""");
        Assert.Equal(HttpStatusCode.NotFound, missing.Code);
        var pod = await server.SendAsync(HttpMethod.Post, $"{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(HttpStatusCode.Created, pod.Code);
        var issued = await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts/robot/token", """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}}""");
        var token = (string)issued.Json["status"]!["token"]!;
        var before = await ReviewAsync(token);
        Assert.True((bool?)before.Json["status"]!["authenticated"]);
        Assert.Equal("p", (string?)before.Json["status"]!["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]);
        await server.SendAsync(HttpMethod.Delete, $"{ns}/pods/p?gracePeriodSeconds=0");
        Assert.Null((await ReviewAsync(token)).Json["status"]!["authenticated"]);
    }

    [Fact]
    public async Task Reviews_say_what_allows_something()
    {
        var ns = await server.NamespaceAsync();
        await GrantAsync(ns, "dan", """{"apiGroups":["apps"],"resources":["*"],"verbs":["list"]}""");
        var name = ns.Split('/')[^1];
        var review = await server.SendAsync(
            HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            $$$"""{"spec":{"user":"dan","resourceAttributes":{"namespace":"{{{name}}}","verb":"list","group":"apps","resource":"deployments"} } }""");
        Assert.Equal(
            (true, $"RBAC: allowed by RoleBinding \"dan/{name}\" of Role \"dan\" to User \"dan\""),
            ((bool)review.Json["status"]!["allowed"]!, (string?)review.Json["status"]!["reason"]));
        using var dan = As("dan");
        var rules = await server.SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", $$$"""{"spec":{"namespace":"{{{name}}}"}}""", client: dan);
        Assert.Contains("\"resources\":[\"*\"]", rules.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_impersonate_one_user_may_not_become_another()
    {
        var role = """{"metadata":{"name":"imp"},"rules":[{"apiGroups":[""],"resources":["users"],"resourceNames":["ann"],"verbs":["impersonate"]}]}""";
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, $"{Rbac}/clusterroles", role)).Code);
        var binding = """{"metadata":{"name":"imp"},"roleRef":{"kind":"ClusterRole","name":"imp"},"subjects":[{"kind":"User","name":"fay"}]}""";
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, $"{Rbac}/clusterrolebindings", binding)).Code);
        using var certificate = server.Server.CreateClientCertificate("fay");
        foreach (var (header, value, code) in new[] { ("Impersonate-User", "ann", 201), ("Impersonate-Group", "system:masters", 403), ("Impersonate-Uid", "7", 403), ("Impersonate-Extra-Scopes", "view", 403) })
        {
            using var fay = server.ClientFor(certificate);
            fay.DefaultRequestHeaders.Add("Impersonate-User", "ann");
            if (header != "Impersonate-User")
            {
                fay.DefaultRequestHeaders.Add(header, value);
            }

            var answer = await server.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", client: fay);
            Assert.True(code == (int)answer.Code, $"{header}: {answer.Text}");
        }
    }

    private Task<Answer> ReviewAsync(string token) =>
        server.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}"}}""");

    private HttpClient As(string user)
    {
        var client = server.ClientFor(server.Server.AdminCertificate);
        client.DefaultRequestHeaders.Add("Impersonate-User", user);
        return client;
    }

    private async Task GrantAsync(string ns, string user, string rules)
    {
        var path = $"{Rbac}{ns["/api/v1".Length..]}";
        var role = await server.SendAsync(HttpMethod.Post, $"{path}/roles", $$$"""{"metadata":{"name":"{{{user}}}"},"rules":[{{{rules}}}]}""");
        Assert.Equal(HttpStatusCode.Created, role.Code);
        var binding = await server.SendAsync(
            HttpMethod.Post, $"{path}/rolebindings", $$$"""{"metadata":{"name":"{{{user}}}"},"roleRef":{"kind":"Role","name":"{{{user}}}"},"subjects":[{"kind":"User","name":"{{{user}}}"}]}""");
        Assert.Equal(HttpStatusCode.Created, binding.Code);
    }

    private async Task<HttpStatusCode> CodeAsync(HttpClient client, HttpMethod method, string path) => (await server.SendAsync(method, path, client: client)).Code;
}
