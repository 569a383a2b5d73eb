using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Proxy;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Proxy;

public sealed class ServiceProxyTests
{
    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);
    private static readonly ResourceType Slices = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);
    private static readonly ResourceType Events = new("", "v1", "Event", "events", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_ip_leads_to_ready_endpoints_in_turn_follows_them_and_is_closed_without_any()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var one = new EchoServer("one");
        await using var two = new EchoServer("two");
        var address = await ServiceAsync(cluster, "web", "{}", new JsonArray(Endpoint("127.112.9.1", one.Port)));
        await using var proxy = await ServiceProxy.StartAsync(cluster.Client, cancellationToken: Stop);
        await ListenedAsync(proxy, address);
        Assert.Equal("one hello", await AskAsync(address, "hello"));

        // The second server is on another port: a slice of its own, as Kubernetes makes it.
        await cluster.Client.CreateAsync(Slices, DynamicObject.From(Slice("web-2", "web", two.Port, "127.112.9.2", ready: true)), cancellationToken: Stop);
        var seen = new HashSet<string>();
        await Eventually.SeeAsync("both servers to serve", async _ => { seen.Add(await AskAsync(address, "x")); return seen.Count; }, count => count == 2, cancellationToken: Stop);

        foreach (var name in (string[])["web", "web-2"])
        {
            var slice = (await cluster.Client.GetAsync(Slices, new("default", name), Stop)).ToJson();
            slice["endpoints"]![0]!["conditions"] = new JsonObject { ["ready"] = false };
            await cluster.Client.UpdateAsync(Slices, DynamicObject.From(slice), cancellationToken: Stop);
        }

        await Eventually.SeeAsync("nobody to listen", _ => Task.FromResult(proxy.Addresses.Count(a => a.Equals(address))), count => count == 0, cancellationToken: Stop);
        var refused = await Assert.ThrowsAsync<SocketException>(() => AskAsync(address, "x"));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task A_dead_endpoint_is_passed_over_and_an_answer_comes_after_the_question_has_ended()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var one = new EchoServer("one");
        var address = await ServiceAsync(cluster, "web", "{}", new JsonArray(Endpoint("127.112.9.3", one.Port)));
        var dead = Slice("web-dead", "web", 1, "127.112.9.4", ready: true);
        await cluster.Client.CreateAsync(Slices, DynamicObject.From(dead), cancellationToken: Stop);
        await using var proxy = await ServiceProxy.StartAsync(cluster.Client, cancellationToken: Stop);
        await ListenedAsync(proxy, address);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("one again", await AskAsync(address, "again"));
        }
    }

    [Fact]
    public async Task A_connection_outlives_its_service_and_nothing_is_left_when_the_proxy_stops()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var one = new EchoServer("one");
        var address = await ServiceAsync(cluster, "web", """{"type":"NodePort"}""", new JsonArray(Endpoint("127.112.9.5", one.Port)));
        var proxy = await ServiceProxy.StartAsync(cluster.Client, cancellationToken: Stop);
        await ListenedAsync(proxy, address);
        var nodePort = (int)(await cluster.Client.GetAsync(Services, new("default", "web"), Stop)).ToJson()["spec"]!["ports"]![0]!["nodePort"]!;
        Assert.Equal("one x", await AskAsync(new(IPAddress.Loopback, nodePort), "x"));

        using var held = new TcpClient();
        await held.ConnectAsync(address, Stop);
        var stream = held.GetStream();
        await stream.WriteAsync("still"u8.ToArray(), Stop);
        await cluster.Client.DeleteAsync(Services, new("default", "web"), cancellationToken: Stop);
        await Eventually.SeeAsync("the addresses to be closed", _ => Task.FromResult(proxy.Addresses.Count(a => a.Port != 443)), count => count == 0, cancellationToken: Stop);
        held.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("one still", await new StreamReader(stream).ReadToEndAsync(Stop));

        await proxy.DisposeAsync();
        Assert.Empty(proxy.Addresses);
    }

    [Fact]
    public async Task A_client_with_affinity_stays_with_its_server()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var one = new EchoServer("one");
        await using var two = new EchoServer("two");
        var address = await ServiceAsync(cluster, "web", """{"sessionAffinity":"ClientIP"}""", new JsonArray(Endpoint("127.112.9.6", one.Port)));
        await cluster.Client.CreateAsync(Slices, DynamicObject.From(Slice("web-2", "web", two.Port, "127.112.9.7", ready: true)), cancellationToken: Stop);
        await using var proxy = await ServiceProxy.StartAsync(cluster.Client, cancellationToken: Stop);
        await ListenedAsync(proxy, address);
        var first = await AskAsync(address, "x");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(first, await AskAsync(address, "x"));
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_at_the_service()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await using var one = new EchoServer("one");
        var address = await ServiceAsync(cluster, "web", "{}", new JsonArray(Endpoint("127.112.9.8", one.Port)));
        using var taken = new TcpListener(address);
        taken.Start();
        await using var proxy = await ServiceProxy.StartAsync(cluster.Client, cancellationToken: Stop);
        var told = await Eventually.SeeAsync(
            "a warning",
            async stop => (await cluster.Client.ListAsync(Events, new ListOptions { Namespace = "default" }, stop)).Items.Select(e => e.ToJson()).FirstOrDefault(e => (string?)e["reason"] == "PortNotBound" && (string?)e["involvedObject"]!["name"] == "web"),
            seen => seen is not null,
            cancellationToken: Stop);
        Assert.Equal(("Warning", "Service"), ((string?)told!["type"], (string?)told["involvedObject"]!["kind"]));
        Assert.StartsWith($"cannot listen on {address}: the port is taken", (string?)told["message"], StringComparison.Ordinal);
    }

    private static async Task<IPEndPoint> ServiceAsync(TestCluster cluster, string name, string spec, JsonArray slice)
    {
        var service = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = JsonNode.Parse(spec)!,
        };
        service["spec"]!["ports"] = new JsonArray(new JsonObject { ["name"] = "web", ["port"] = 8099 });
        var made = (await cluster.Client.CreateAsync(Services, DynamicObject.From(service), cancellationToken: Stop)).ToJson();
        var (address, port) = ((string)slice[0]!["address"]!, (int)slice[0]!["port"]!);
        await cluster.Client.CreateAsync(Slices, DynamicObject.From(Slice(name, name, port, address, ready: true)), cancellationToken: Stop);
        return new(IPAddress.Parse((string)made["spec"]!["clusterIP"]!), 8099);
    }

    private static JsonObject Endpoint(string address, int port) => new() { ["address"] = address, ["port"] = port };

    private static JsonObject Slice(string name, string service, int port, string address, bool ready) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service } },
        ["addressType"] = "IPv4",
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "web", ["port"] = port }),
        ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address), ["conditions"] = new JsonObject { ["ready"] = ready } }),
    };

    private static Task<int> ListenedAsync(ServiceProxy proxy, IPEndPoint address) =>
        Eventually.SeeAsync($"{address} to be listened on", _ => Task.FromResult(proxy.Addresses.Count(a => a.Equals(address))), count => count == 1, cancellationToken: Stop);

    /// <summary>Sends a text, ends it, and reads the answer to its end.</summary>
    private static async Task<string> AskAsync(IPEndPoint address, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address, Stop);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), Stop);
        client.Client.Shutdown(SocketShutdown.Send);
        return await new StreamReader(stream).ReadToEndAsync(Stop);
    }
}
