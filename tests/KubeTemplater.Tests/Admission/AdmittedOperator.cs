using System.Collections.Concurrent;
using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Testing;
using KubeTemplater.Admission;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Admission;

/// <summary>A cluster whose API server asks the operator before it stores templates and policies, as with the manifests that ship.</summary>
public sealed class AdmittedOperator : IAsyncLifetime
{
    public static readonly ResourceType Configurations =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);

    public static readonly ObjectKey Configuration = ObjectKey.ClusterScoped(new AdmissionOptions().ConfigurationName);

    public OperatorUnderTest Running { get; private set; } = null!;

    public static KubeTemplaterOptions Options => new() { Admission = new() { BindAddress = "127.0.0.1:0", UseLocalUrl = true } };

    /// <summary>How this one runs.</summary>
    public KubeTemplaterOptions With { get; init; } = Options;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Running = await OperatorUnderTest.StartAsync(With);
        await InstallAsync();
    }

    /// <summary>In place of <see cref="InitializeAsync"/>: this cluster, on which the operator runs with webhooks. It is disposed with this.</summary>
    public void Take(OperatorUnderTest running) => Running = running;

    /// <summary>Applies the configuration and waits until the operator can be reached by it.</summary>
    public async Task InstallAsync()
    {
        await Running.Cluster.InstallAsync(Manifests.Admission, Patience);
        await ReachableAsync();
    }

    /// <summary>Waits until every webhook leads to the operator and trusts it.</summary>
    public Task ReachableAsync() => Eventually.SeeAsync(
        "the webhooks to lead to the operator",
        async token => (await Running.Client.GetAsync(Configurations, Configuration, token)).ToJson()["webhooks"]!.AsArray()
            .All(webhook => webhook!["clientConfig"] is { } client && client["caBundle"] is not null
                && (string?)client["url"] is { } url && new Uri(url).Port == Running.Operator.WebhookPort),
        all => all,
        cancellationToken: Patience);

    /// <summary>A namespace of the test's own, with a policy of these rules for it, which has reached the operator.</summary>
    public async Task<string> NamespaceAsync(string name, string rules, string more = "")
    {
        await Running.Cluster.InstallAsync($$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{name}}}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: {{name}}, namespace: {{OperatorUnderTest.OperatorNamespace}}}
            spec: {sourceNamespace: {{name}}, validationRules: {{rules}}{{more}}}
            """, Patience);
        await Eventually.SeeAsync(
            $"the operator to know the policy of {name}",
            _ => CreateAsync(name, "{object: {apiVersion: v1, kind: Nothing, metadata: {name: x}}}", dryRun: true),
            answer => !answer.Message.Contains("no KubeTemplatePolicy found", StringComparison.Ordinal),
            cancellationToken: Patience);
        return name;
    }

    /// <summary>Asks the server to create a template of these entries, in YAML's flow style.</summary>
    public Task<Answer> CreateAsync(string ns, string entries, string name = "shop", bool dryRun = false) =>
        AnswerAsync(client => client.CreateAsync(KubeTemplate.Resource, Template(ns, name, entries), new() { DryRun = dryRun }, Patience));

    /// <summary>What the server says to a write.</summary>
    public async Task<Answer> AnswerAsync(Func<KubeClient, Task> write)
    {
        var warnings = new ConcurrentQueue<string>();
        using var client = new KubeClient(Running.Client.Config, new() { UserAgent = "somebody", OnWarning = warnings.Enqueue });
        try
        {
            await write(client);
            return new(0, "", [.. warnings]);
        }
        catch (ApiException refusal)
        {
            return new(refusal.Code, refusal.Status.Message!, [.. warnings]);
        }
    }

    public static DynamicObject Template(string ns, string name, string entries) => Assert.Single(ManifestReader.Read(
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: {name}, namespace: {ns}}}, spec: {{templates: [{entries}]}}}}", "template"));

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}

/// <summary>What the server says to a write.</summary>
/// <param name="Code">HTTP status code of a refusal; 0 when the write is done.</param>
/// <param name="Message">Why it is refused; empty when it is not.</param>
/// <param name="Warnings">What it warns of.</param>
public sealed record Answer(int Code, string Message, IReadOnlyList<string> Warnings)
{
    public void IsAccepted() => Assert.Equal((0, ""), (Code, Message));

    /// <summary>Refused by the webhook, with all of these in its words.</summary>
    public void IsRefused(params string[] says)
    {
        Assert.Equal(403, Code);
        Assert.StartsWith("admission webhook \"vkubetemplate.kb.io\" denied the request: ", Message, StringComparison.Ordinal);
        Assert.All(says, part => Assert.Contains(part, Message, StringComparison.Ordinal));
    }
}
