using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Proxy;

/// <summary>What Kubernetes hands on to nodes and pods is refused as it refuses it for a pod without a node.</summary>
public sealed class NodeConnectionsTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("GET", "pods/two/log", 400, "a container name must be specified for pod two, choose one of: [a b]")]
    [InlineData("GET", "pods/two/log?container=a", 204, null)]
    [InlineData("GET", "pods/one/log", 204, null)]
    [InlineData("GET", "pods/one/log?container=nope", 400, "container nope is not valid for pod one")]
    [InlineData("GET", "pods/one/log?tailLines=-1", 422, "PodLogOptions \"one\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("GET", "pods/one/log?sinceSeconds=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("GET", "pods/absent/log", 404, "pods \"absent\" not found")]
    [InlineData("GET", "pods/one/log?stream=Stdout&tailLines=1", 422, "PodLogOptions \"one\" is invalid: stream: Forbidden: may not be specified")]
    [InlineData("GET", "pods/one/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", 422, "PodLogOptions \"one\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified")]
    [InlineData("GET", "pods/one/log?sinceTime=x", 400, "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"")]
    [InlineData("POST", "pods/one/log", 405, "the server does not allow this method on the requested resource")]
    [InlineData("POST", "pods/one/exec?command=ls&stdout=1", 400, "pod one does not have a host assigned")]
    [InlineData("GET", "pods/one/exec?command=ls&stdout=1", 400, "pod one does not have a host assigned")]
    [InlineData("POST", "pods/two/exec?command=ls", 400, "a container name must be specified for pod two, choose one of: [a b]")]
    [InlineData("POST", "pods/one/attach", 400, "pod one does not have a host assigned")]
    [InlineData("POST", "pods/one/portforward", 400, "pod one does not have a host assigned")]
    [InlineData("GET", "pods/one/proxy", 400, "address not allowed")]
    [InlineData("GET", "pods/one:80/proxy/a/b", 400, "address not allowed")]
    [InlineData("OPTIONS", "pods/one/proxy/a//b/../c", 400, "address not allowed")]
    [InlineData("GET", "pods/ftp:one:80/proxy/", 400, "invalid pod request \"ftp:one:80\"")]
    [InlineData("GET", "services/a:b:c:d/proxy/", 400, "invalid service request \"a:b:c:d\"")]
    [InlineData("GET", "services/s/proxy/", 404, "services \"s\" not found")]
    [InlineData("POST", "pods/absent/proxy/a", 404, "pods \"absent\" not found")]
    [InlineData("GET", "services/s:81/proxy/a", 503, "no service port 81 found for service \"s\"")]
    [InlineData("GET", "services/none/proxy/a", 404, "services \"none\" not found")]
    public async Task Each_is_refused_in_kubernetes_words(string method, string path, int code, string? message)
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
        foreach (var (name, containers) in ((string, string)[])[("one", """{"name":"a","image":"i"}"""), ("two", """{"name":"a","image":"i"},{"name":"b","image":"i"}""")])
        {
            var made = await server.SendAsync(HttpMethod.Post, $"{ns}/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{{{containers}}}]}}""");
            Assert.Equal(HttpStatusCode.Created, made.Code);
        }

        var answer = await server.SendAsync(new HttpMethod(method), $"{ns}/{path}");
        Assert.Equal((code, message), ((int)answer.Code, answer.Text.Length == 0 ? null : answer.Message));
    }

    [Fact]
    public async Task A_scale_has_a_table()
    {
        var ns = await server.NamespaceAsync();
        var apps = ns.Replace("/api/v1", "/apis/apps/v1", StringComparison.Ordinal);
        var made = await server.SendAsync(HttpMethod.Post, $"{apps}/replicasets", """
            {"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        var table = (await server.GetAsync($"{apps}/replicasets/d/scale", "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(["Name", "Desired", "Available", "Age"], table["columnDefinitions"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal("""["d",3,0]""", new System.Text.Json.Nodes.JsonArray([.. table["rows"]![0]!["cells"]!.AsArray().Take(3).Select(c => c!.DeepClone())]).ToJsonString());
    }
}
