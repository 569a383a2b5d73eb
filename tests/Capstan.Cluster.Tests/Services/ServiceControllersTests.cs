using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Services;

public sealed class ServiceControllersTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_of_a_service_are_in_slices_and_endpoints_by_their_state_and_port_names()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Node, metadata: {name: node-1, labels: {topology.kubernetes.io/zone: z}}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: web, labels: {team: t}}, spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: web}]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: all}, spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: web}}}
            """,
            Stop);
        var empty = await SliceAsync(cluster, "web", slices => slices is [{ Endpoints: null, Ports: null }]);
        Assert.Equal("""endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io,kubernetes.io/service-name=web,team=t""", Labels(empty[0]));
        await PodAsync(cluster, "a", 8080, "10.0.0.1", ready: true);
        await PodAsync(cluster, "b", 8081, "10.0.0.2", ready: true);
        await PodAsync(cluster, "c", 8080, "10.0.0.3", ready: false);

        // Two ports under one name are two slices.
        var slices = await SliceAsync(cluster, "web", slices => slices.Sum(slice => slice.Endpoints?.Count ?? 0) == 3);
        Assert.Equal(
            ["8080 10.0.0.1 a ready serving z", "8080 10.0.0.3 c z", "8081 10.0.0.2 b ready serving z"],
            slices.SelectMany(slice => slice.Endpoints!.Select(endpoint => $"{slice.Ports!.Single().Port} {Text(endpoint)}")).Order(StringComparer.Ordinal));
        var headless = await SliceAsync(cluster, "all", slices => slices is [{ Endpoints.Count: 3, Ports: null }]);
        Assert.Equal("", headless[0].Metadata.Labels!["service.kubernetes.io/headless"]);
        Assert.All(headless[0].Endpoints!, endpoint => Assert.True(endpoint.Conditions!.Ready));
        var endpoints = await EndpointsAsync(cluster, "web", found => found.Subsets?.Sum(one => (one.Addresses?.Count ?? 0) + (one.NotReadyAddresses?.Count ?? 0)) == 3);
        Assert.Equal(["8080: 10.0.0.1 not 10.0.0.3", "8081: 10.0.0.2 not "], endpoints.Subsets!.Select(one => $"{one.Ports!.Single().Port}: {Ips(one.Addresses)} not {Ips(one.NotReadyAddresses)}"));

        // A pod that goes serves until it is gone, but is ready no more.
        await cluster.Client.DeleteAsync<Pod>(new("default", "a"), new DeleteOptions { GracePeriodSeconds = 100 }, Stop);
        await SliceAsync(cluster, "web", slices => slices.SelectMany(slice => slice.Endpoints ?? []).Any(endpoint => Text(endpoint) == "10.0.0.1 a serving terminating z"));
        await EndpointsAsync(cluster, "web", found => Ips([.. found.Subsets!.SelectMany(one => one.Addresses ?? [])]) == "10.0.0.2");

        // A slice that somebody empties is filled again; the Service's end takes all.
        await cluster.Client.DeleteCollectionAsync(EndpointSlice.Resource, new ListOptions { Namespace = "default", LabelSelector = "kubernetes.io/service-name=web" }, cancellationToken: Stop);
        await SliceAsync(cluster, "web", slices => slices.Sum(slice => slice.Endpoints?.Count ?? 0) == 3);
        await cluster.Client.DeleteAsync<Service>(new("default", "web"), cancellationToken: Stop);
        await SliceAsync(cluster, "web", slices => slices.Count == 0);
        await Eventually.SeeAsync("no Endpoints", stop => cluster.Client.FindAsync<Endpoints>(new("default", "web"), stop), found => found is null, cancellationToken: Stop);
    }

    [Fact]
    public async Task Endpoints_of_a_service_without_selector_are_mirrored_and_foreign_slices_stay()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Service, metadata: {name: out}, spec: {ports: [{port: 80}]}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: mine, labels: {kubernetes.io/service-name: out}}, addressType: IPv4, endpoints: [{addresses: [192.0.2.1]}], ports: [{port: 1}]}
            ---
            {apiVersion: v1, kind: Endpoints, metadata: {name: out, labels: {a: b}}, subsets: [{addresses: [{ip: 192.0.2.9}, {ip: "2001:db8::1"}], notReadyAddresses: [{ip: 192.0.2.10}], ports: [{port: 81}]}]}
            """,
            Stop);
        var slices = await SliceAsync(cluster, "out", slices => slices.Count == 3);
        var mirrored = slices.Where(slice => slice.Metadata.Name != "mine").OrderBy(slice => slice.AddressType, StringComparer.Ordinal).ToList();
        Assert.All(mirrored, slice => Assert.Equal("a=b,endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io,kubernetes.io/service-name=out", Labels(slice)));
        Assert.Equal(["192.0.2.9 True", "192.0.2.10 False"], mirrored[0].Endpoints!.Select(one => $"{one.Addresses[0]} {one.Conditions!.Ready}"));
        Assert.Equal("2001:db8::1", mirrored[1].Endpoints!.Single().Addresses[0]);

        // With a selector the Service leads elsewhere, and Endpoints are no longer anybody's to mirror.
        await cluster.Client.PatchAsync<Service>(new("default", "out"), PatchType.Merge, """{"spec":{"selector":{"app":"none"}}}"""u8.ToArray(), cancellationToken: Stop);
        await SliceAsync(cluster, "out", slices => slices.Count == 2 && slices.Any(slice => slice.Metadata.Name == "mine") && slices.Any(slice => slice.Endpoints is null));
    }

    private static async Task PodAsync(TestCluster cluster, string name, int port, string ip, bool ready)
    {
        await cluster.InstallAsync(
            $$$$"""{apiVersion: v1, kind: Pod, metadata: {name: {{{{name}}}}, labels: {app: web}}, spec: {nodeName: node-1, containers: [{name: c, image: i, ports: [{name: web, containerPort: {{{{port}}}}}]}]}}""", Stop);
        var status = $$$"""{"status":{"phase":"Running","podIP":"{{{ip}}}","podIPs":[{"ip":"{{{ip}}}"}],"conditions":[{"type":"Ready","status":"{{{ready}}}"}]}}""";
        await cluster.Client.PatchStatusAsync<Pod>(new("default", name), Encoding.UTF8.GetBytes(status), cancellationToken: Stop);
    }

    private static Task<List<EndpointSlice>> SliceAsync(TestCluster cluster, string service, Func<List<EndpointSlice>, bool> holds) => Eventually.SeeAsync(
        $"slices of {service}",
        async stop => (await cluster.Client.ListAsync<EndpointSlice>(new ListOptions { Namespace = "default", LabelSelector = $"kubernetes.io/service-name={service}" }, stop)).Items.ToList(),
        holds,
        cancellationToken: Stop);

    private static Task<Endpoints> EndpointsAsync(TestCluster cluster, string name, Func<Endpoints, bool> holds) =>
        Eventually.SeeAsync($"Endpoints {name}", stop => cluster.Client.GetAsync<Endpoints>(new("default", name), stop), holds, cancellationToken: Stop);

    private static string Text(Endpoint endpoint) => string.Join(' ', new[]
    {
        endpoint.Addresses.Single(), endpoint.TargetRef!.Name, endpoint.Conditions!.Ready == true ? "ready" : null, endpoint.Conditions.Serving == true ? "serving" : null,
        endpoint.Conditions.Terminating == true ? "terminating" : null, endpoint.Zone,
    }.Where(word => word is not null));

    private static string Ips(List<EndpointAddress>? addresses) => string.Join(',', (addresses ?? []).Select(one => one.Ip));

    private static string Labels(EndpointSlice slice) => string.Join(',', slice.Metadata.Labels!.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
