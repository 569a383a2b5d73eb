using System.Net;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Samples;

/// <summary>The samples, each as its reader would run it.</summary>
public sealed class SamplesTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_greeting_becomes_a_config_map_that_comes_back()
    {
        await using var sample = await SampleFixture.StartAsync(await cluster.KubectlAsync(), "greeter");
        await sample.Kubectl.DoWithAsync("---\n{apiVersion: samples.capstan.dev/v1, kind: Greeting, metadata: {name: ann}, spec: {name: Ann}}", "apply", "-f", "-");
        await sample.SeeAsync("configmap", "ann", ".data.text", "Hello, Ann!");
        await sample.SeeAsync("greeting", "ann", ".status.text", "Hello, Ann!");

        await sample.Kubectl.DoAsync("delete", "configmap", "ann");
        await sample.SeeAsync("configmap", "ann", ".data.text", "Hello, Ann!");
        await sample.Kubectl.DoAsync("patch", "configmap", "ann", "--type=merge", "-p", """{"data":{"text":"Go away!"}}""");
        await sample.SeeAsync("configmap", "ann", ".data.text", "Hello, Ann!");

        await sample.Kubectl.DoAsync("delete", "greeting", "ann");
        await sample.SeeAsync("configmap", "ann", ".data.text", "");
        await sample.StopAsync();
    }

    [Fact]
    public async Task A_labelled_namespace_gets_a_quota_and_loses_it_with_the_label()
    {
        var kubectl = await cluster.KubectlAsync();
        await using var sample = await SampleFixture.StartAsync(kubectl, "teamquota");
        await kubectl.DoAsync("label", "namespace", kubectl.Namespace, "samples.capstan.dev/pods=7");
        await sample.SeeAsync("resourcequota", "team-quota", ".spec.hard.pods", "7");

        await kubectl.DoAsync("delete", "resourcequota", "team-quota");
        await sample.SeeAsync("resourcequota", "team-quota", ".spec.hard.pods", "7");

        await kubectl.DoAsync("label", "namespace", kubectl.Namespace, "samples.capstan.dev/pods-");
        await sample.SeeAsync("resourcequota", "team-quota", ".spec.hard.pods", "");
        await sample.StopAsync();
    }

    [Fact]
    public async Task A_website_is_told_to_be_up_and_down()
    {
        await using var sample = await SampleFixture.StartAsync(await cluster.KubectlAsync(), "website");
        using var site = new HttpListener();
        var port = FreePort();
        site.Prefixes.Add($"http://127.0.0.1:{port}/");
        site.Start();
        var answering = AnswerAsync(site);
        await sample.Kubectl.DoWithAsync($"---\n{{apiVersion: samples.capstan.dev/v1, kind: Website, metadata: {{name: shop}}, spec: {{url: 'http://127.0.0.1:{port}/', everySeconds: 1}}}}", "apply", "-f", "-");
        await sample.SeeAsync("website", "shop", ".status.conditions[0].status", "True");

        site.Stop();
        await answering;
        await sample.SeeAsync("website", "shop", ".status.conditions[0].status", "False");
        await sample.StopAsync();
    }

    [Theory]
    [InlineData("Greeter")]
    [InlineData("TeamQuota")]
    [InlineData("Website")]
    public void A_sample_has_less_than_60_lines_of_code(string name)
    {
        var lines = File.ReadLines(Repository.Of("samples", name, "Program.cs")).Count(line => line.Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal));

        Assert.True(lines < 60, $"{name} has {lines} lines of code");
    }

    private static async Task AnswerAsync(HttpListener site)
    {
        try
        {
            while (true)
            {
                (await site.GetContextAsync()).Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
