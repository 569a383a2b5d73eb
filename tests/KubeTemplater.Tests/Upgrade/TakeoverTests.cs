using System.Text;
using Capstan;
using Capstan.Election;
using Capstan.Testing;
using KubeTemplater.Upgrade;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Tests.Upgrade;

/// <summary>A cluster where the Go operator ran, and this one starts.</summary>
public sealed class TakeoverTests
{
    private static readonly ResourceType _namespaces = new("", "v1", "Namespace", "namespaces", false);
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_Go_operator_holds_its_Lease_nothing_is_written(bool leaderElect)
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.StopOperatorAsync();
        var ns = await under.NamespaceWithPolicyAsync("shop", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [shop]}]");
        await GoFinalizerAsync(under, ns);
        var lease = await HoldLeaseAsync(under, "kubetemplater-controller-manager-6d8f_a5f2");
        await under.Cluster.InstallAsync("""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: settings, namespace: shop}
            spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}}]}
            """, Stop);
        var writes = await WritesAsync(under);

        var options = new KubeTemplaterOptions { LeaderElect = leaderElect, OperatorNamespace = OperatorUnderTest.OperatorNamespace, HealthProbeBindAddress = "127.0.0.1:0" };
        var @operator = KubeTemplaterOperator.Build(under.Cluster.NewClient("kubetemplater"), options, NullLoggerFactory.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = @operator.RunAsync(stop.Token);
        await Eventually.SeeAsync("probes", _ => Task.FromResult(@operator.HealthProbePort), port => port != 0, cancellationToken: Stop);
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{@operator.HealthProbePort}") };
        await Eventually.SeeAsync(
            "readiness to say what is waited for",
            async ct => await (await http.GetAsync(new Uri("/readyz", UriKind.Relative), ct)).Content.ReadAsStringAsync(ct),
            text => text.Contains("[-]takeover failed: Lease kubetemplater-system/8377a775.my.company.com is held by kubetemplater-controller-manager-6d8f_a5f2", StringComparison.Ordinal),
            cancellationToken: Stop);
        Assert.Equal("ok", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), Stop));
        Assert.Equal(writes, await WritesAsync(under));

        await under.Client.UpdateAsync(lease with { Spec = lease.Spec! with { HolderIdentity = "" } }, cancellationToken: Stop);
        await under.ReportedAsync(ns, "settings", "Completed");
        Assert.Equal("ok", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), Stop));
        Assert.Equal(leaderElect, (await under.Client.GetAsync<Lease>(lease.Key, Stop)).Spec!.HolderIdentity!.EndsWith("_capstan", StringComparison.Ordinal));
        await Eventually.SeeAsync("the finalizer to go", ct => under.Client.GetAsync(_namespaces, ObjectKey.ClusterScoped(ns), ct), found => found.Finalizers.Count == 0, cancellationToken: Stop);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task R8_the_finalizer_goes_from_all_namespaces_that_carry_it_and_from_nothing_else()
    {
        await using var under = await OperatorUnderTest.StartAsync();
        await under.StopOperatorAsync();
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"team-{i:00}")];
        foreach (var name in names)
        {
            await under.Cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", Stop);
            await GoFinalizerAsync(under, name, name == "team-07" ? ["example.com/other"] : []);
        }

        // The last in the alphabet is being deleted, and hangs: so it is to be the first.
        await under.Client.DeleteAsync(_namespaces, ObjectKey.ClusterScoped("team-39"), cancellationToken: Stop);
        using var refused = under.Cluster.Faults.Add(Fault.InternalError().On("patch", "namespaces").Named("team-05").Times(1));
        // A refusal that is injected is not counted by the server.
        using var watched = under.Cluster.Faults.Add(Fault.Delay(TimeSpan.Zero).On("patch", "namespaces"));
        var before = await under.ServerCountAsync("PATCH", "namespaces");

        await under.StartOperatorAsync();
        await Eventually.SeeAsync(
            "all namespaces to be freed",
            async ct => (await under.Client.ListAsync(_namespaces, cancellationToken: ct)).Items.Count(n => n.Finalizers.Contains(NamespaceFinalizers.Name) || n.Key.Name == "team-39"),
            left => left == 0,
            cancellationToken: Stop);

        Assert.Equal(["example.com/other"], (await under.Client.GetAsync(_namespaces, ObjectKey.ClusterScoped("team-07"), Stop)).Finalizers);
        Assert.Equal("team-39", under.Cluster.Faults.Injected.First(f => f.Verb == "patch").Name);
        Assert.Equal(names.Length, await under.ServerCountAsync("PATCH", "namespaces") - before);

        // A restart finds nothing to do; one that comes later, by a Go operator that ran once more, goes at once.
        await under.StopOperatorAsync();
        await under.StartOperatorAsync();
        await GoFinalizerAsync(under, "team-01");
        await Eventually.SeeAsync("it to be freed again", ct => under.Client.GetAsync(_namespaces, ObjectKey.ClusterScoped("team-01"), ct), n => n.Finalizers.Count == 0, cancellationToken: Stop);
        Assert.Equal(names.Length + 2, await under.ServerCountAsync("PATCH", "namespaces") - before);
        await under.Client.PatchAsync(_namespaces, ObjectKey.ClusterScoped("team-07"), PatchType.Merge, "{\"metadata\":{\"finalizers\":null}}"u8.ToArray(), cancellationToken: Stop);
    }

    private static async Task GoFinalizerAsync(OperatorUnderTest under, string name, params string[] others) =>
        await under.Client.PatchAsync(
            _namespaces,
            ObjectKey.ClusterScoped(name),
            PatchType.Merge,
            Encoding.UTF8.GetBytes($$$"""{"metadata":{"finalizers":[{{{string.Join(',', others.Prepend(NamespaceFinalizers.Name).Select(f => $"\"{f}\""))}}}]}}"""),
            cancellationToken: Stop);

    private static Task<Lease> HoldLeaseAsync(OperatorUnderTest under, string holder) => under.Client.CreateAsync(
        new Lease
        {
            Metadata = new() { Namespace = OperatorUnderTest.OperatorNamespace, Name = KubeTemplaterOperator.LeaseName },

            // Long, so that a slow machine does not see it expire.
            Spec = new() { HolderIdentity = holder, LeaseDurationSeconds = 590, AcquireTime = DateTimeOffset.UtcNow, RenewTime = DateTimeOffset.UtcNow },
        },
        cancellationToken: Stop);

    private static async Task<(long, long, long, long)> WritesAsync(OperatorUnderTest under) => (
        await under.ServerCountAsync("APPLY", "configmaps"),
        await under.ServerCountAsync("PATCH", "kubetemplates", "status"),
        await under.ServerCountAsync("PATCH", "namespaces"),
        await under.ServerCountAsync("PUT", "leases") + await under.ServerCountAsync("POST", "leases"));
}
