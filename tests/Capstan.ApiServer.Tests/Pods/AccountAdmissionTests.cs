using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Pods;

public sealed class AccountAdmissionTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private const string Place = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Fact]
    public async Task A_pod_gets_the_default_account_and_its_token_in_every_container()
    {
        var ns = await server.FurnishedAsync();
        var made = await server.PostAsync($"{ns}/pods", """
            {"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"first","image":"i:1"}],"containers":[{"name":"c","image":"i:1"},{"name":"own","image":"i:1","volumeMounts":[{"name":"v","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],
             "volumes":[{"name":"v","emptyDir":{}}]}}
            """);
        var spec = made.Json["spec"]!;
        Assert.Equal("default", (string?)spec["serviceAccountName"]);
        Assert.Equal("default", (string?)spec["serviceAccount"]);
        var volume = spec["volumes"]![1]!;
        var name = (string)volume["name"]!;
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", name);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
             {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}
            """), volume["projected"]), volume.ToJsonString());
        Assert.Equal(
            [(name, true), (name, true), ("v", false)],
            [Mount(spec["initContainers"]![0]), Mount(spec["containers"]![0]), Mount(spec["containers"]![1])]);

        // What admission adds belongs to no manager.
        Assert.DoesNotContain("kube-api-access", made.Json["metadata"]!["managedFields"]!.ToJsonString());

        static (string?, bool) Mount(JsonNode? container)
        {
            var mount = Assert.Single(container!["volumeMounts"]!.AsArray());
            Assert.Equal(Place, (string?)mount!["mountPath"]);
            return ((string?)mount["name"], (bool?)mount["readOnly"] == true);
        }
    }

    [Theory]
    [InlineData("{}", """ "automountServiceAccountToken":false """, false)]
    [InlineData("""{"automountServiceAccountToken":false}""", """ "hostname":"h" """, false)]
    [InlineData("""{"automountServiceAccountToken":false}""", """ "automountServiceAccountToken":true """, true)]
    public async Task A_token_is_mounted_unless_the_pod_or_else_its_account_says_no(string account, string pod, bool mounted)
    {
        var ns = await server.NamespaceAsync();
        await server.PostAsync($"{ns}/serviceaccounts", Merge(account, """{"metadata":{"name":"a"},"imagePullSecrets":[{"name":"pull"}]}"""));
        var spec = (await server.PodAsync(ns, "p", $""" "serviceAccountName":"a",{pod}""")).Json["spec"]!;
        Assert.Equal(mounted, spec["volumes"] is not null);
        Assert.Equal("""[{"name":"pull"}]""", spec["imagePullSecrets"]!.ToJsonString());
        Assert.Equal("""[{"name":"mine"}]""", (await server.PodAsync(ns, "q", $""" "serviceAccountName":"a","imagePullSecrets":[{"{\"name\":\"mine\"}"}]""")).Json["spec"]!["imagePullSecrets"]!.ToJsonString());
    }

    [Theory]
    [InlineData("p", """ "serviceAccountName":"nobody" """, "", """pods "p" is forbidden: error looking up service account NS/nobody: serviceaccount "nobody" not found""")]
    [InlineData("p", """ "serviceAccount":"not ok" """, "", """pods "p" is forbidden: error looking up service account NS/not ok: serviceaccount "not ok" not found""")]
    [InlineData("", """ "serviceAccountName":"nobody" """, """ "generateName":"many-" """, """pods "many-" is forbidden: error looking up service account NS/nobody: serviceaccount "nobody" not found""")]
    [InlineData("m", """ "nodeName":"n","serviceAccountName":"default" """, """ "annotations":{"kubernetes.io/config.mirror":"x"} """, "pods \"m\" is forbidden: a mirror pod may not reference service accounts")]
    [InlineData("m", """ "nodeName":"n","volumes":[{"name":"v","secret":{"secretName":"s"}}] """, """ "annotations":{"kubernetes.io/config.mirror":"x"} """, "pods \"m\" is forbidden: a mirror pod may not reference secrets")]
    [InlineData("s", """ "serviceAccountName":"strict","volumes":[{"name":"v","secret":{"secretName":"other"}}] """, "", "pods \"s\" is forbidden: volume with secret.secretName=\"other\" is not allowed because service account strict does not reference that secret")]
    [InlineData("s", """ "serviceAccountName":"strict","imagePullSecrets":[{"name":"other"}] """, "", "pods \"s\" is forbidden: imagePullSecrets[0].name=\"other\" is not allowed because service account strict does not reference that imagePullSecret")]
    public async Task What_an_account_does_not_let_in_is_forbidden(string name, string spec, string metadata, string message)
    {
        var ns = await server.FurnishedAsync();
        await server.PostAsync($"{ns}/serviceaccounts", """{"metadata":{"name":"strict","annotations":{"kubernetes.io/enforce-mountable-secrets":"true"}},"secrets":[{"name":"mine"}]}""");
        var refused = await server.PodAsync(ns, name, spec, metadata);
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden"), (refused.Code, refused.Reason));
        Assert.Equal(message.Replace("NS", ns[(ns.LastIndexOf('/') + 1)..], StringComparison.Ordinal), refused.Message);
        Assert.Equal("pods", (string?)refused.Json["details"]!["kind"]);
    }

    [Fact]
    public async Task A_pod_waits_a_moment_for_the_default_account()
    {
        var ns = await server.NamespaceAsync();
        var pod = server.PodAsync(ns, "early");
        await server.PostAsync($"{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        Assert.Equal(HttpStatusCode.Created, (await pod).Code);
        var never = await server.PodAsync(await server.NamespaceAsync(), "p");
        Assert.EndsWith("serviceaccount \"default\" not found", never.Message, StringComparison.Ordinal);
    }

    private static string Merge(string left, string right)
    {
        var merged = JsonNode.Parse(left)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(right)!.AsObject())
        {
            merged[name] = value?.DeepClone();
        }

        return merged.ToJsonString();
    }
}
