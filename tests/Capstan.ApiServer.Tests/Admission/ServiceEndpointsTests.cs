using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Where a Service leads to. Not over the wire: the API takes no endpoint on loopback, and a test has no other address.</summary>
public sealed class ServiceEndpointsTests
{
    private const string Service = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"hooks","namespace":"n"},"spec":{"type":"ClusterIP","clusterIP":"10.0.0.7","ports":[{"name":"metrics","port":80},{"name":"https","port":443}]}}""";

    private const string Slice = """{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"hooks-1","namespace":"n","labels":{"kubernetes.io/service-name":"hooks"}},"ports":[{"name":"metrics","port":8080},{"name":"https","port":9443}],"endpoints":[{"addresses":["192.0.2.1"],"conditions":{"ready":false}},{"addresses":["192.0.2.2"]},{"addresses":["192.0.2.3"],"conditions":{"ready":true}}]}""";

    private const string Others = """{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"others-1","namespace":"n","labels":{"kubernetes.io/service-name":"others"}},"ports":[{"name":"https","port":1}],"endpoints":[{"addresses":["192.0.2.9"]}]}""";

    private const string Endpoints = """{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"hooks","namespace":"n"},"subsets":[{"addresses":[{"ip":"192.0.2.5"}],"notReadyAddresses":[{"ip":"192.0.2.6"}],"ports":[{"name":"https","port":9444}]}]}""";

    private readonly Store _store = new();

    [Fact]
    public void Ready_endpoints_of_slices_are_taken_in_turn()
    {
        var found = Find(Service, Slice, Others, Endpoints);
        Assert.Equal([("192.0.2.2", 9443), ("192.0.2.3", 9443)], found.Distinct().Order());
    }

    [Fact]
    public void Without_slices_Endpoints_are_taken() => Assert.Equal([("192.0.2.5", 9444)], Find(Service, Others, Endpoints).Distinct());

    [Fact]
    public void Without_either_it_is_the_address_of_the_Service() => Assert.Equal([("10.0.0.7", 443)], Find(Service).Distinct());

    [Fact]
    public void A_Service_without_an_address_and_endpoints_leads_nowhere()
    {
        var headless = Service.Replace("10.0.0.7", "None", StringComparison.Ordinal);
        Assert.Equal("cannot route to service with ClusterIP \"None\"", Assert.Throws<WebhookFailure>(() => Find(headless)).Message);
    }

    private List<(string Host, int Port)> Find(params string[] objects)
    {
        foreach (var obj in objects.Select(text => JsonNode.Parse(text)!.AsObject()))
        {
            var resource = (string)obj["kind"]! switch
            {
                "Service" => new GroupResource("", "services"),
                "Endpoints" => new GroupResource("", "endpoints"),
                _ => new GroupResource("discovery.k8s.io", "endpointslices"),
            };
            obj["metadata"]!["uid"] = Guid.NewGuid().ToString();
            Assert.NotNull(_store.TryPut(resource, ObjectEncoder.Encode(obj), null));
        }

        var endpoints = new ServiceEndpoints(_store);
        return [.. Enumerable.Range(0, 4).Select(_ => endpoints.Find(new WebhookService("n", "hooks", 443)))];
    }
}
