using System.Net;
using Capstan.ApiServer.Registry.BuiltIn.Services;
using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.BuiltIn;

public class ServiceTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_service_gets_an_address_of_its_own_and_keeps_it()
    {
        var ns = await server.NamespaceAsync();
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}""");
        var address = (string)made.Json["spec"]!["clusterIP"]!;
        Assert.True(IPNetwork.Parse("127.96.0.0/12").Contains(IPAddress.Parse(address)), address);
        Assert.Equal(80, (int?)made.Json["spec"]!["ports"]![0]!["targetPort"]);

        var other = await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"b"},"spec":{"ports":[{"port":80}]}}""");
        Assert.NotEqual(address, (string?)other.Json["spec"]!["clusterIP"]);

        var replaced = await server.SendAsync(HttpMethod.Put, $"{ns}/services/a", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":81}]}}""");
        Assert.Equal(address, (string?)replaced.Json["spec"]!["clusterIP"]);
        var taken = await server.SendAsync(HttpMethod.Post, $"{ns}/services", $$$"""{"metadata":{"name":"c"},"spec":{"clusterIP":"{{{address}}}","ports":[{"port":80}]}}""");
        Assert.Equal($"Service \"c\" is invalid: spec.clusterIPs: Invalid value: [\"{address}\"]: failed to allocate IP {address}: provided IP is already allocated", taken.Message);

        await server.SendAsync(HttpMethod.Delete, $"{ns}/services/a");
        var free = await server.SendAsync(HttpMethod.Post, $"{ns}/services", $$$"""{"metadata":{"name":"c"},"spec":{"clusterIP":"{{{address}}}","ports":[{"port":80}]}}""");
        Assert.Equal(HttpStatusCode.Created, free.Code);
    }

    [Fact]
    public async Task Node_ports_come_and_go_with_the_type()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}""");
        var node = await server.PatchAsync($"{ns}/services/a", TestServer.MergePatch, """{"spec":{"type":"NodePort"}}""");
        Assert.InRange((int)node.Json["spec"]!["ports"]![0]!["nodePort"]!, 30000, 32767);
        Assert.Equal("Cluster", (string?)node.Json["spec"]!["externalTrafficPolicy"]);
        var again = await server.PatchAsync($"{ns}/services/a", TestServer.MergePatch, """{"metadata":{"labels":{"l":"v"}}}""");
        Assert.Equal((int?)node.Json["spec"]!["ports"]![0]!["nodePort"], (int?)again.Json["spec"]!["ports"]![0]!["nodePort"]);
        var cluster = await server.PatchAsync($"{ns}/services/a", TestServer.MergePatch, """{"spec":{"type":"ClusterIP"}}""");
        Assert.Null(cluster.Json["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Null(cluster.Json["spec"]!["externalTrafficPolicy"]);
    }

    [Fact]
    public async Task A_headless_service_has_no_address()
    {
        var ns = await server.NamespaceAsync();
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"h"},"spec":{"clusterIP":"None"}}""");
        Assert.Equal(("None", """["None"]"""), ((string?)made.Json["spec"]!["clusterIP"], made.Json["spec"]!["clusterIPs"]!.ToJsonString()));
    }

    [Fact]
    public void Addresses_are_not_offered_twice()
    {
        var addresses = new ServiceAddresses(new Store(), new Random(7));
        var offered = Enumerable.Range(0, 200).Select(_ => addresses.NextAddress()).ToList();
        Assert.Equal(200, offered.Distinct().Count());
        Assert.Equal("the provided network does not match the current range", addresses.Refusal("10.0.0.1"));
        Assert.Null(addresses.Refusal("127.100.0.1"));
    }

    [Theory]
    [InlineData("ClusterIP", "192.0.2.50", 80, "Service \"s\" is invalid: spec.clusterIPs[0]: Invalid value: [\"192.0.2.50\"]: may not change once set")]
    [InlineData("ClusterIP", "None", 80, "Service \"s\" is invalid: spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set")]
    [InlineData("NodePort", "192.0.2.50", 99, "Service \"s\" is invalid: spec.ports[0].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767")]
    public async Task An_address_that_cannot_be_had_is_not_asked_for_by_who_has_one(string type, string address, int nodePort, string message)
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
        var port = type == "NodePort" ? $$"""{"port":80,"nodePort":{{nodePort}}}""" : $$"""{"port":{{nodePort}}}""";
        var changed = await server.SendAsync(HttpMethod.Put, $"{ns}/services/s", $$$"""{"metadata":{"name":"s"},"spec":{"type":"{{{type}}}","ports":[{{{port}}}],"clusterIP":"{{{address}}}"}}""");
        Assert.Equal(message, changed.Message);
    }
}
