// Looks after something outside of the cluster: asks each Website's URL in turn, at most ten a second for all, and tells by condition whether it answered.
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan;
using Capstan.Applying;
using Capstan.Queueing;

using var client = new KubeClient(KubeConfig.Load(args.FirstOrDefault()));
using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
var builder = new OperatorBuilder(client, new() { Name = "website" });
var sites = builder.AddInformer<Website>();
var limiter = new TokenBucket(perSecond: 10, burst: 1);
var status = new StatusWriter(client);
builder.AddController("website", controller =>
{
    controller.For(sites, Predicates.GenerationChanged);
    controller.MaxConcurrentReconciles = 8;
    controller.ReconcileTimeout = TimeSpan.FromSeconds(30);
    controller.Reconcile = async (key, stop) =>
    {
        if (sites.CacheOf<Website>().Get(key) is not { } site) return ReconcileResult.Done;
        await limiter.WaitAsync(stop);
        var (up, message) = await AskAsync(site.Spec.Url, stop);
        var conditions = site.Status?.Conditions?.ToList() ?? [];
        Conditions.Set(conditions, new() { Type = "Up", Status = up ? "True" : "False", Reason = up ? "Answered" : "Failed", Message = message, ObservedGeneration = site.Metadata.Generation });
        await status.WriteAsync(site, site with { Status = new(conditions) }, cancellationToken: stop);
        return ReconcileResult.After(TimeSpan.FromSeconds(site.Spec.EverySeconds));
    };
});
await builder.Build().RunUntilSignalAsync();

async Task<(bool Up, string Message)> AskAsync(Uri url, CancellationToken stop)
{
    try
    {
        using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, stop);
        return (answer.IsSuccessStatusCode, $"answered {(int)answer.StatusCode}");
    }
    catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
    {
        return (false, e.Message);
    }
}

/// <summary>A site that ought to answer.</summary>
[PrinterColumn("URL", ".spec.url"), PrinterColumn("Up", """.status.conditions[?(@.type=="Up")].status""")]
[Rbac<Website>("list", "watch"), Rbac<Website>("patch", Subresource = "status")]
public sealed record Website : KubeObject, IKubeObject<Website>
{
    public WebsiteSpec Spec { get; set; } = new(new("http://localhost"));

    public WebsiteStatus? Status { get; set; }

    public static ResourceType Resource { get; } = new("samples.capstan.dev", "v1", "Website", "websites", Namespaced: true);

    public static JsonTypeInfo<Website> JsonTypeInfo => WebsiteJson.Default.Website;
}

/// <summary>Where and how often to ask.</summary>
public sealed record WebsiteSpec(Uri Url, [property: Schema(Default = 60, Minimum = 1)] int EverySeconds = 60);

public sealed record WebsiteStatus(List<Condition>? Conditions = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Website))]
internal sealed partial class WebsiteJson : JsonSerializerContext;
