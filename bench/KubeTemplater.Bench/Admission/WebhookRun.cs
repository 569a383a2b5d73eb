using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan;
using Capstan.ApiServer.Bench;
using Capstan.Cluster;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Bench.Admission;

/// <summary>Admission at a steady rate, over https as an API server asks: how long each waits, alone and beside somebody whose rules take all that they may.</summary>
internal static class WebhookRun
{
    public const string OperatorNamespace = "kubetemplater-system";

    private const string Path = "/validate-kubetemplater-io-v1alpha1-kubetemplate";
    private const int Bodies = 200;

    public static async Task RunAsync(int perSecond, TimeSpan span, int resources, int rules)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false });
        foreach (var text in Manifests.CustomResourceDefinitions.Append($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {OperatorNamespace}}}}}"))
        {
            await cluster.InstallAsync(text);
        }

        await cluster.InstallAsync(Reviews.Policy("shop", rules));
        await cluster.InstallAsync(Reviews.HostilePolicy("hostile"));
        await JudgeRun.RunAsync(cluster, resources);
        using var client = cluster.NewClient("kubetemplater");
        var options = new KubeTemplaterOptions { OperatorNamespace = OperatorNamespace, HealthProbeBindAddress = "0", Admission = new() { BindAddress = "127.0.0.1:0", UseLocalUrl = true } };
        await using var running = await RunningOperator.StartAsync(KubeTemplaterOperator.Build(client, options, NullLoggerFactory.Instance));
        using var http = Client(cluster, running.Operator.WebhookPort);
        var bodies = Enumerable.Range(0, Bodies).Select(i => Reviews.Create("shop", i, resources)).ToArray();
        var hostile = Reviews.Create("hostile", 0, resources);

        Report.Head(
            $"{perSecond} admissions a second of templates of {resources} resources ({bodies[0].Length:#,0} bytes) against a policy of {rules} rules",
            "beside it", "answered", "p50 ms", "p99 ms", "p99.9 ms", "longest ms", "bytes allocated");
        await LoadAsync(http, bodies, perSecond, TimeSpan.FromSeconds(5));
        foreach (var beside in (int[])[0, 1, 16])
        {
            using var stop = new CancellationTokenSource();
            var besides = Enumerable.Range(0, beside).Select(_ => HostileAsync(http, hostile, stop.Token)).ToList();
            var allocated = GC.GetTotalAllocatedBytes();
            var waits = await LoadAsync(http, bodies, perSecond, span);
            var bytes = (GC.GetTotalAllocatedBytes() - allocated) / waits.Count;
            await stop.CancelAsync();
            var answered = (await Task.WhenAll(besides)).Sum();
            Report.Row(
                beside == 0 ? "nothing" : $"{beside} hostile at once ({answered} answered)", waits.Count,
                Report.Percentile(waits, 0.5), Report.Percentile(waits, 0.99), Report.Percentile(waits, 0.999), waits.Max(), bytes);
        }
    }

    /// <summary>Sends at the moments of a fixed schedule, whether or not the answers before have come: what is late counts from when it was due.</summary>
    private static async Task<List<double>> LoadAsync(HttpClient http, byte[][] bodies, int perSecond, TimeSpan span)
    {
        var time = TimeProvider.System;
        var pending = new List<Task<double>>();
        var start = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (time.GetElapsedTime(start) < span && await timer.WaitForNextTickAsync())
        {
            for (; pending.Count < time.GetElapsedTime(start).TotalSeconds * perSecond; await Task.Yield())
            {
                pending.Add(SendAsync(pending.Count, TimeSpan.FromSeconds((double)pending.Count / perSecond)));
            }
        }

        return [.. await Task.WhenAll(pending)];

        async Task<double> SendAsync(int number, TimeSpan due)
        {
            var answer = await AskAsync(http, bodies[number % bodies.Length], CancellationToken.None);
            return answer.Contains("\"allowed\":true", StringComparison.Ordinal)
                ? (time.GetElapsedTime(start) - due).TotalMilliseconds
                : throw new InvalidOperationException(answer);
        }
    }

    private static async Task<int> HostileAsync(HttpClient http, byte[] body, CancellationToken stop)
    {
        for (var answered = 0; ; answered++)
        {
            try
            {
                await AskAsync(http, body, stop);
            }
            catch (OperationCanceledException)
            {
                return answered;
            }
        }
    }

    private static async Task<string> AskAsync(HttpClient http, byte[] body, CancellationToken stop)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(new Uri($"{Path}?timeout=10s", UriKind.Relative), content, stop);
        return await answer.Content.ReadAsStringAsync(stop);
    }

    private static HttpClient Client(TestCluster cluster, int port)
    {
        var secret = cluster.Client.GetAsync(new ResourceType("", "v1", "Secret", "secrets", true), new(OperatorNamespace, "kubetemplater-webhook-cert")).GetAwaiter().GetResult();
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String((string)secret.ToJson()["data"]!["ca.crt"]!)));
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, CertificateRevocationCheckMode = X509RevocationMode.NoCheck } })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}"),
            DefaultRequestVersion = HttpVersion.Version20,
        };
    }
}
