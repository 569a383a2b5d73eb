using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>Operators with webhooks over the config maps of one namespace, at a whole API server.</summary>
internal sealed class WebhookRun(KubeClient client, string @namespace) : IAsyncDisposable
{
    public static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);
    public static readonly ResourceType Validating = new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);
    public static readonly ResourceType Mutating = new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Namespaced: false);

    private readonly List<(CancellationTokenSource Stop, Task Ended, KubeClient Client)> _running = [];

    /// <summary>Names of the configurations and of the Secret: as cluster-wide names must be, one's own.</summary>
    public string Name { get; } = $"hooks-{@namespace}";

    /// <summary>A year's certificate behind the real time, which TLS goes by: also what is made after its renewal is valid now.</summary>
    public ManualTime Time { get; } = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(350));

    public ConcurrentQueue<string> Asked { get; } = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    /// <summary>An operator that refuses config maps with the key <c>forbidden</c>, and labels those that have no label <c>seen</c>.</summary>
    public async Task<Operator> StartAsync(Action<OperatorOptions>? with = null, bool realTime = false)
    {
        var options = new OperatorOptions
        {
            Name = "test",
            TimeProvider = realTime ? TimeProvider.System : Time,
            HealthProbeBindAddress = "127.0.0.1:0",
            Webhooks =
            {
                BindAddress = "127.0.0.1:0",
                SelfSigned =
                {
                    Namespace = @namespace,
                    SecretName = Name,
                    ValidatingWebhookConfigurations = [Name],
                    MutatingWebhookConfigurations = [Name],
                    UseLocalUrl = true,
                },
            },
        };
        with?.Invoke(options);
        var own = new KubeClient(client.Config, client.Options with { UserAgent = "hooks" });
        var builder = new OperatorBuilder(own, options);
        builder.AddValidatingWebhook<ConfigMap>("/validate", (request, _) =>
        {
            Asked.Enqueue($"validate {request.Operation} {request.Name}{(request.DryRun ? " dry" : "")}");
            return ValueTask.FromResult(request.Object?.Data?.ContainsKey("forbidden") == true
                ? AdmissionResult.Denied([new() { Field = "data.forbidden", Message = "is not allowed" }, new() { Field = "data", Message = "is suspicious" }])
                : AdmissionResult.Allowed with { Warnings = request.Object?.Data is null ? ["no data"] : [] });
        });
        builder.AddMutatingWebhook<ConfigMap>("/mutate", (request, _) =>
        {
            Asked.Enqueue($"mutate {request.Operation} {request.Name}");
            if (request.Object is not { } map || map.Metadata.Labels?.ContainsKey("seen") == true)
            {
                return ValueTask.FromResult(AdmissionResult.Allowed);
            }

            (map.Metadata.Labels ??= [])["seen"] = request.UserInfo.Groups.Count > 0 ? "yes" : "by-nobody";
            return ValueTask.FromResult(AdmissionResult.Changed(map));
        });
        var @operator = builder.Build();
        var stop = new CancellationTokenSource();
        _running.Add((stop, @operator.RunAsync(stop.Token), own));
        await @operator.WaitForSyncAsync(Patience);
        return @operator;
    }

    public Task StopAsync(int which)
    {
        _running[which].Stop.Cancel();
        return _running[which].Ended;
    }

    /// <summary>Both configurations, for config maps of the namespace.</summary>
    public async Task ConfigureAsync()
    {
        await client.CreateAsync(Mutating, Configuration("MutatingWebhookConfiguration", "/mutate"), null, Patience);
        await client.CreateAsync(Validating, Configuration("ValidatingWebhookConfiguration", "/validate"), null, Patience);
    }

    /// <summary>The authorities that an API server trusts for the validating webhook, and where it asks.</summary>
    public async Task<(Uri? Url, string Bundle)> ClientConfigAsync(ResourceType? type = null)
    {
        var configuration = await client.GetAsync(type ?? Validating, ObjectKey.ClusterScoped(Name), Patience);
        var config = configuration.ToJson()["webhooks"]![0]!["clientConfig"]!;
        return (config["url"] is { } url ? new Uri(url.GetValue<string>()) : null, Encoding.UTF8.GetString(Convert.FromBase64String(config["caBundle"]?.GetValue<string>() ?? "")));
    }

    public Task<(Uri? Url, string Bundle)> SeeBundleAsync(string what, Func<string, bool> holds) =>
        Eventually.SeeAsync(what, _ => ClientConfigAsync(), config => config.Url is not null && holds(config.Bundle), cancellationToken: Patience);

    /// <summary>Ready as the kubelet sees it: certificate and bundles are in place.</summary>
    public static Task ReadyAsync(Operator @operator) => Eventually.SeeAsync("the webhooks to be ready", async token =>
    {
        using var http = new HttpClient();
        return await (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/readyz?verbose"), token)).Content.ReadAsStringAsync(token);
    }, text => text.Contains("[+]webhooks ok", StringComparison.Ordinal), cancellationToken: Patience);

    /// <summary>A client that trusts what the bundle says and nothing else, over a connection of its own.</summary>
    public static HttpClient Trusting(string bundle)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(bundle);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, CertificateRevocationCheckMode = X509RevocationMode.NoCheck } });
    }

    public static int CountOf(string bundle)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(bundle);
        return all.Count;
    }

    public async Task<string> ServedSerialAsync(Uri url)
    {
        string? serial = null;
#pragma warning disable CA5359 // looked at, not trusted
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => (serial = shown?.GetSerialNumberString()) is not null } });
#pragma warning restore CA5359
        using var answer = await http.GetAsync(url, Patience);
        return serial!;
    }

    public Task<ConfigMap> CreateAsync(string name, string key = "k", bool dryRun = false, KubeClient? by = null) => (by ?? client).CreateAsync(
        new ConfigMap { Metadata = new() { Name = name, Namespace = @namespace }, Data = new() { [key] = "v" } }, new() { DryRun = dryRun }, Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var type in (ResourceType[])[Mutating, Validating])
        {
            try
            {
                await client.DeleteAsync(type, ObjectKey.ClusterScoped(Name));
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // The test had none.
            }
        }

        foreach (var (stop, ended, own) in _running)
        {
            await stop.CancelAsync();
            await ended;
            own.Dispose();
            stop.Dispose();
        }
    }

    private DynamicObject Configuration(string kind, string path) => DynamicObject.From(new JsonObject
    {
        ["apiVersion"] = "admissionregistration.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = Name },
        ["webhooks"] = new JsonArray(new JsonObject
        {
            ["name"] = "maps.test.example.com",
            ["clientConfig"] = new JsonObject { ["service"] = new JsonObject { ["name"] = "test", ["namespace"] = @namespace, ["path"] = path } },
            ["rules"] = new JsonArray(new JsonObject
            {
                ["apiGroups"] = new JsonArray(""), ["apiVersions"] = new JsonArray("v1"), ["operations"] = new JsonArray("CREATE", "UPDATE", "DELETE"), ["resources"] = new JsonArray("configmaps"),
            }),
            ["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = @namespace } },
            ["failurePolicy"] = "Fail",
            ["sideEffects"] = "None",
            ["admissionReviewVersions"] = new JsonArray("v1"),
            ["timeoutSeconds"] = 10,
        }),
    });
}
