using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.CustomResources;
using Capstan.ApiServer.Storage;
using Capstan.Kinds;
using Capstan.Patching;
using Capstan.Schemas;

namespace Capstan.ApiServer.Aggregation;

/// <summary>Asks the servers of aggregated versions whether they answer, and says so in condition <c>Available</c> of their APIServices; keeps what they serve.</summary>
/// <remarks>One round at a time: when something changed that they depend on, after a while anyway, and sooner while one of them is away.</remarks>
internal sealed class AvailabilityLoop(Store store, Aggregator aggregator, TimeProvider clock) : IAsyncDisposable
{
    private static readonly GroupResource Services = new("", "services");
    private static readonly GroupResource Slices = new("discovery.k8s.io", "endpointslices");
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private const int MaxAnswerBytes = 4 << 20;

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins. To be called once, after <see cref="Aggregator.Start"/>.</summary>
    public void Start()
    {
        aggregator.Changed += () => _changed.Writer.TryWrite(true);
        foreach (var resource in (GroupResource[])[Services, Slices])
        {
            store.Observe(resource, _ =>
            {
                // Most clusters aggregate nothing.
                if (aggregator.Versions.Count > 0)
                {
                    _changed.Writer.TryWrite(true);
                }
            });
        }

        _changed.Writer.TryWrite(true);
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            if (aggregator.Versions.Count == 0)
            {
                await _changed.Reader.WaitToReadAsync(_stop.Token);
            }
            else
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var pause = Task.Delay(aggregator.Versions.All(v => v.IsAvailable) ? Period : RetryAfter, clock, waiting.Token);
                await Task.WhenAny(pause, _changed.Reader.WaitToReadAsync(waiting.Token).AsTask());
                await waiting.CancelAsync();
                _stop.Token.ThrowIfCancellationRequested();
            }

            _changed.Reader.TryRead(out _);
            await Task.WhenAll(aggregator.Versions.Select(CheckAsync));
        }
    }

    private async Task CheckAsync(AggregatedVersion version)
    {
        var (observed, resources) = await ObserveAsync(version);
        aggregator.Learn(version.Service, observed.Status == "True", resources);
        while (store.Find(Aggregator.ApiServices, ObjectKey.ClusterScoped(version.Service.Name)) is { } stored)
        {
            var before = ObjectJson.Parse(stored.Json);
            var after = ObjectJson.Parse(stored.Json);
            DefinitionStatus.SetCondition(after, observed, clock.GetUtcNow());
            if (AggregatedService.Read(before) != version.Service || JsonNode.DeepEquals(before["status"], after["status"]))
            {
                return;
            }

            var request = new ApplyRequest("kube-apiserver", "apiregistration.k8s.io/v1", "status", Force: false, clock.GetUtcNow()) { ResetFields = ["spec", "metadata"] };
            ManagedFields.TrackUpdate(before, after, BuiltInKinds.SchemaOf(new("apiregistration.k8s.io", "v1", "APIService")), request);
            if (store.TryPut(Aggregator.ApiServices, ObjectEncoder.Encode(after), stored) is not null)
            {
                return;
            }
        }
    }

    private async Task<(DefinitionStatus.Observed Condition, string? Resources)> ObserveAsync(AggregatedVersion version)
    {
        var server = version.Service.Server;
        static DefinitionStatus.Observed No(string reason, string message) => new("Available", "False", reason, message);
        if (store.Find(Services, new ObjectKey(server.Namespace, server.Name)) is not { } stored)
        {
            return (No("ServiceNotFound", $"service/{server.Name} in {GoFormat.Quote(server.Namespace)} is not present"), null);
        }

        var service = ObjectJson.Parse(stored.Json);
        if (service.Text("spec", "type") == "ClusterIP")
        {
            if (service.Items("spec", "ports").FirstOrDefault(p => p.Number("port") == server.Port) is not { } port)
            {
                return (No("ServicePortError", $"service/{server.Name} in {GoFormat.Quote(server.Namespace)} is not listening on port {server.Port}"), null);
            }

            var name = port.Text("name") ?? "";
            var slices = store.Read(Slices).Objects.From(new ObjectKey(server.Namespace, "")).TakeWhile(s => s.Key.Namespace == server.Namespace)
                .Where(s => s.Labels?.GetValueOrDefault("kubernetes.io/service-name") == server.Name).Select(s => ObjectJson.Parse(s.Json)).ToList();
            if (slices.Count == 0)
            {
                return (No("EndpointsNotFound", $"cannot find endpointslices for service/{server.Name} in {GoFormat.Quote(server.Namespace)}"), null);
            }

            if (!slices.Any(s => s.Items("endpoints").Any(e => e.Flag("conditions", "ready") != false) && s.Items("ports").Any(p => (p.Text("name") ?? "") == name && p.Number("port") is not null)))
            {
                return (No("MissingEndpoints", $"endpointslices for service/{server.Name} in {GoFormat.Quote(server.Namespace)} have no addresses with port name {GoFormat.Quote(name)}"), null);
            }
        }

        var url = $"{Aggregator.Root(version.Service)}/apis/{version.Group}/{version.Version}";
        try
        {
            return (new("Available", "True", "Passed", "all checks passed"), await AskAsync(version.Client, url));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever another server does, the others are asked on.
            return (No("FailedDiscoveryCheck", $"failing or missing response from {url}: {(e is HttpRequestException { StatusCode: { } code } ? $"bad status from {url}: {(int)code}" : $"Get {GoFormat.Quote(url)}: {ConnectionErrors.Text(e, new Uri(url))}")}"), null);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return (No("FailedDiscoveryCheck", $"failing or missing response from {url}: Get {GoFormat.Quote(url)}: context deadline exceeded"), null);
        }
    }

    /// <summary>What the server says that it serves.</summary>
    private async Task<string?> AskAsync(HttpMessageInvoker client, string url)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(AnswerTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd("application/json");
        foreach (var (name, value) in Aggregator.HeadersOf(new UserInfo("system:kube-aggregator", [UserInfo.Masters])))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, patience.Token);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
        using var text = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await body.ReadAsync(buffer, patience.Token) is > 0 and var read)
        {
            text.Write(buffer, 0, read);
            if (text.Length > MaxAnswerBytes)
            {
                throw new IOException("the response is too large");
            }
        }

        return (JsonNode.Parse(Encoding.UTF8.GetString(text.ToArray()))?["resources"] as JsonArray)?.ToJsonString();
    }
}
