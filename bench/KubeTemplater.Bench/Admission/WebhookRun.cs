using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan;
using Capstan.ApiServer.Bench;
using Capstan.Testing;

namespace KubeTemplater.Bench.Admission;

/// <summary>What a run of <see cref="WebhookRun"/> is like.</summary>
/// <param name="PerSecond">Admissions a second.</param>
/// <param name="Span">How long each part takes.</param>
/// <param name="Resources">Resources of a template.</param>
/// <param name="Rules">Rules of the policy.</param>
/// <param name="Http">1.1, as an API server asks webhooks, or 2.0.</param>
/// <param name="Program">The operator's executable; null for the one beside this program.</param>
internal sealed record WebhookRunOptions(int PerSecond, TimeSpan Span, int Resources, int Rules, string Http, string? Program);

/// <summary>Admission at a steady rate, over https as an API server asks: how long each waits, alone and beside somebody whose rules take all that they may.</summary>
internal static partial class WebhookRun
{
    public const string OperatorNamespace = "kubetemplater-system";

    private const string Path = "/validate-kubetemplater-io-v1alpha1-kubetemplate";
    private const int Bodies = 200;

    // An API server has a bound as well, on what it does at once.
    private const int MostConnections = 100;

    public static async Task RunAsync(WebhookRunOptions options)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false });
        foreach (var text in Manifests.CustomResourceDefinitions.Append($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {OperatorNamespace}}}}}"))
        {
            await cluster.InstallAsync(text);
        }

        await cluster.InstallAsync(Reviews.Policy("shop", options.Rules));
        await cluster.InstallAsync(Reviews.HostilePolicy("hostile"));
        await JudgeRun.RunAsync(cluster, options.Resources);
        await using var running = await OperatorProcess.StartAsync(cluster, OperatorNamespace, options.Program);
        using var http = Client(cluster, running.Webhook, options.Http);
        var bodies = Enumerable.Range(0, Bodies).Select(i => Reviews.Create("shop", i, options.Resources)).ToArray();
        var hostile = Reviews.Create("hostile", 0, options.Resources);

        Report.Head(
            $"{options.PerSecond} admissions a second of templates of {options.Resources} resources ({bodies[0].Length:#,0} bytes) against a policy of {options.Rules} rules, by HTTP/{options.Http}",
            "beside it", "answered", "p50 ms", "p99 ms", "p99.9 ms", "longest ms", "sent late, p99 ms", "within 5 ms by its own clock", "processor, µs each");
        await LoadAsync(http, bodies, options.PerSecond / 5, TimeSpan.FromSeconds(10));
        await LoadAsync(http, bodies, options.PerSecond, TimeSpan.FromSeconds(10));
        foreach (var beside in (int[])[0, 1, 16])
        {
            using var stop = new CancellationTokenSource();
            var besides = Enumerable.Range(0, beside).Select(_ => HostileAsync(http, hostile, stop.Token)).ToList();
            var (before, worked) = (await running.DurationsAsync(), running.ProcessorTime);
            var (waits, late) = await LoadAsync(http, bodies, options.PerSecond, options.Span);
            var (after, each) = (await running.DurationsAsync(), (running.ProcessorTime - worked).TotalMicroseconds / waits.Count);
            await stop.CancelAsync();
            var answered = (await Task.WhenAll(besides)).Sum();
            Report.Row(
                beside == 0 ? "nothing" : $"{beside} hostile at once ({answered} answered)", waits.Count,
                Report.Percentile(waits, 0.5), Report.Percentile(waits, 0.99), Report.Percentile(waits, 0.999), waits.Max(), Report.Percentile(late, 0.99),
                $"{Within(0.005):0.00} % (2 ms: {Within(0.002):0.00} %)", each);

            double Within(double bound) => 100.0 * (after[bound] - before.GetValueOrDefault(bound)) / (after[double.PositiveInfinity] - before.GetValueOrDefault(double.PositiveInfinity));
        }
    }

    /// <summary>Sends at the moments of a fixed schedule, whether or not the answers before have come: what is late counts from when it was due.</summary>
    /// <remarks>A thread of its own keeps the schedule, so that the pool, which the answers need, does not.</remarks>
    private static async Task<(List<double> Waits, List<double> Late)> LoadAsync(HttpClient http, byte[][] bodies, int perSecond, TimeSpan span)
    {
        var time = TimeProvider.System;
        var count = (int)(span.TotalSeconds * perSecond);
        var (pending, late) = (new Task<double>[count], new double[count]);
        var start = time.GetTimestamp();
        var sender = new Thread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                var due = TimeSpan.FromSeconds((double)i / perSecond);
                while (due - time.GetElapsedTime(start) is { Ticks: > 0 } left)
                {
                    Rest((uint)left.TotalMicroseconds);
                }

                late[i] = (time.GetElapsedTime(start) - due).TotalMilliseconds;
                pending[i] = SendAsync(i, due);
            }
        });
        sender.Start();
        await Task.Run(sender.Join);
        return ([.. await Task.WhenAll(pending)], [.. late]);

        async Task<double> SendAsync(int number, TimeSpan due)
        {
            var answer = await AskAsync(http, bodies[number % bodies.Length], CancellationToken.None);
            return answer.Contains("\"allowed\":true", StringComparison.Ordinal)
                ? (time.GetElapsedTime(start) - due).TotalMilliseconds
                : throw new InvalidOperationException(answer);
        }
    }

    // A millisecond, the least that Thread.Sleep knows, is half of the time between two.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Rest(uint microseconds);

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

    private static HttpClient Client(TestCluster cluster, Uri webhook, string version)
    {
        var secret = cluster.Client.GetAsync(new ResourceType("", "v1", "Secret", "secrets", true), new(OperatorNamespace, "kubetemplater-webhook-cert")).GetAwaiter().GetResult();
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String((string)secret.ToJson()["data"]!["ca.crt"]!)));
        return new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = MostConnections, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, CertificateRevocationCheckMode = X509RevocationMode.NoCheck } })
        {
            BaseAddress = new Uri(webhook.GetLeftPart(UriPartial.Authority)),
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
