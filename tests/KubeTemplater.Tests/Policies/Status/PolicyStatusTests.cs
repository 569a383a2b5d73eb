using System.Diagnostics.Metrics;
using Capstan.Caching;
using Capstan.Testing;
using KubeTemplater.Policies;
using KubeTemplater.Policies.Status;
using KubeTemplater.Resources;
using Conditions = Capstan.Applying.Conditions;

namespace KubeTemplater.Tests.Policies.Status;

/// <summary>The status of policies, over the wire.</summary>
public sealed class PolicyStatusTests : IAsyncLifetime
{
    private OperatorUnderTest _under = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _under = await OperatorUnderTest.StartAsync();

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Fact]
    public async Task Templates_and_judgements_are_counted_once_and_counting_goes_on_after_a_restart()
    {
        var ns = await _under.NamespaceWithPolicyAsync("counted", Allow("counted"));
        await _under.Cluster.InstallAsync(Template(ns, "good", "ConfigMap"));
        await _under.Cluster.InstallAsync(Template(ns, "bad", "Secret"));
        await _under.ReportedAsync(ns, "good", "Completed");
        await _under.ReportedAsync(ns, "bad", "Failed", "not allowed");

        var policy = await SeenAsync(ns, status => status is { TemplatesUsing: 2, ValidationSuccesses: 1, ValidationFailures: 1 });
        Assert.True(policy.Status!.Active);
        Assert.NotNull(policy.Status.LastValidationTime);
        Assert.True(Conditions.IsTrue(policy.Status.Conditions, "Ready"));
        var patches = await _under.ServerCountAsync("PATCH", "kubetemplatepolicies", "status");
        TestContext.Current.TestOutputHelper!.WriteLine($"{patches} patches of the policy's status");
        Assert.InRange(patches, 1, 3);

        // That the policy's status changed is no news for its templates.
        Assert.Equal(2, await _under.ServerCountAsync("PATCH", "kubetemplates", "status"));

        await _under.StopOperatorAsync();
        await _under.StartOperatorAsync();
        await _under.NamespaceWithPolicyAsync("other", Allow("other"));
        await SeenAsync("other", status => status is { Active: true, TemplatesUsing: 0 });
        var after = await _under.Client.GetAsync<KubeTemplatePolicy>(policy.Key, Cancel);
        Assert.Equal(policy.Metadata.ResourceVersion, after.Metadata.ResourceVersion);

        await _under.Cluster.InstallAsync(Template(ns, "more", "ConfigMap"));
        await _under.Client.DeleteAsync<KubeTemplate>(new(ns, "bad"), cancellationToken: Cancel);
        await SeenAsync(ns, status => status is { TemplatesUsing: 2, ValidationSuccesses: 2, ValidationFailures: 1 });
    }

    [Fact]
    public async Task S4_a_tightened_policy_counts_what_it_no_longer_allows_and_one_with_faults_or_a_rival_says_so()
    {
        var ns = await _under.NamespaceWithPolicyAsync("turned", Allow("turned"));
        await _under.Cluster.InstallAsync(Template(ns, "one", "ConfigMap"));
        await SeenAsync(ns, status => status is { ValidationSuccesses: 1, ValidationFailures: 0 });

        await _under.NamespaceWithPolicyAsync(ns, $"[{{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [{ns}], rule: object.}}]");
        var broken = await SeenAsync(ns, status => status is { ValidationSuccesses: 1, ValidationFailures: 1 } && Conditions.Find(status.Conditions, "Valid")?.Status == "False");
        Assert.Contains("spec.validationRules[0].rule", Conditions.Find(broken.Status!.Conditions, "Valid")!.Message, StringComparison.Ordinal);

        await _under.Cluster.InstallAsync($$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: rival, namespace: {{OperatorUnderTest.OperatorNamespace}}}
            spec: {sourceNamespace: {{ns}}, validationRules: []}
            """);
        await SeenAsync(ns, status => status.Active == false);
        Assert.Contains("turned", Conditions.Find((await SeenAsync("rival", status => status.Active == false)).Status!.Conditions, "Conflicting")!.Message, StringComparison.Ordinal);

        await _under.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, ns), cancellationToken: Cancel);
        await SeenAsync("rival", status => status is { Active: true, TemplatesUsing: 1 });
    }

    [Fact]
    public async Task Replicas_that_add_at_the_same_time_lose_nothing()
    {
        await _under.NamespaceWithPolicyAsync("shared", "[]");
        var before = await SeenAsync("shared", status => status.Active == true);
        using var meter = new Meter("replicas");

        await Parallel.ForAsync(0, 4, Cancel, async (replica, ct) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var client = _under.Cluster.NewClient($"replica-{replica}");
            var policies = new Informer(client, KubeTemplatePolicy.Resource, new() { Namespace = OperatorUnderTest.OperatorNamespace });
            var templates = new Informer(client, KubeTemplate.Resource);
            var book = new PolicyBook(client, policies, OperatorUnderTest.OperatorNamespace, TimeSpan.FromMinutes(5), meter, TimeProvider.System);
            var tallies = new PolicyTallies();
            var writer = new PolicyStatusWriter(client, policies, templates, book, tallies, _ => true, TimeProvider.System);
            var informing = policies.RunAsync(stop.Token);
            await policies.WaitForSyncAsync(ct);
            for (var i = 0; i < 10; i++)
            {
                tallies.Add(before.Key, before.Metadata.Uid, new(1, 2, DateTimeOffset.UtcNow));
                await Eventually.SeeAsync(
                    "a write",
                    async _ =>
                    {
                        await writer.WriteAsync("shared", isLeader: false, ct);
                        return true;
                    },
                    written => written,
                    cancellationToken: ct);
            }

            await stop.CancelAsync();
            await Task.WhenAny(informing);
        });

        var after = await _under.Client.GetAsync<KubeTemplatePolicy>(before.Key, Cancel);
        Assert.Equal((40L, 80L), (after.Status!.ValidationSuccesses, after.Status.ValidationFailures));
        Assert.Equal(before.Status!.Conditions, after.Status.Conditions);
    }

    private async Task<KubeTemplatePolicy> SeenAsync(string name, Func<KubeTemplatePolicyStatus, bool> says) => await Eventually.SeeAsync(
        $"the status of policy {name}",
        ct => _under.Client.GetAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, name), ct),
        policy => policy.Status is { } status && says(status),
        TimeSpan.FromSeconds(60),
        Cancel);

    private static string Allow(string ns) => $"[{{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [{ns}]}}]";

    private static string Template(string ns, string name, string kind) => $$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: {{{{name}}}}, namespace: {{{{ns}}}}}
        spec: {templates: [{object: {apiVersion: v1, kind: {{{{kind}}}}, metadata: {name: {{{{name}}}}}}}]}
        """;
}
