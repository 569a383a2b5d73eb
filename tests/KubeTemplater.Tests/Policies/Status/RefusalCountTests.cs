using Capstan.Testing;
using KubeTemplater.Resources;
using KubeTemplater.Tests.Admission;

namespace KubeTemplater.Tests.Policies.Status;

/// <summary>What admission refuses never reaches the worker, and counts all the same.</summary>
public sealed class RefusalCountTests(AdmittedOperator admitted) : IClassFixture<AdmittedOperator>
{
    private const string Secret = "{object: {apiVersion: v1, kind: Secret, metadata: {name: x}}}";

    [Fact]
    public async Task A_refused_template_is_a_failure_of_its_policy_and_a_dry_run_is_none()
    {
        var ns = await admitted.NamespaceAsync("refusing", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [refusing]}]");
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("not allowed by policy", (await admitted.CreateAsync(ns, Secret)).Message, StringComparison.Ordinal);
            Assert.Contains("not allowed by policy", (await admitted.CreateAsync(ns, Secret, dryRun: true)).Message, StringComparison.Ordinal);
        }

        await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}}", name: "fine");

        await Eventually.SeeAsync(
            "three failures and a success",
            ct => admitted.Running.Client.GetAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, ns), ct),
            policy => policy.Status is { ValidationFailures: 3, ValidationSuccesses: 1, TemplatesUsing: 1 },
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);
    }
}
