using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Scenarios;

/// <summary>A policy, a template, its objects: what a person does first.</summary>
[Collection(WithKubeTemplater.Name)]
public sealed class OneTemplateTests(KubeTemplaterFixture operators)
{
    private const string Service = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}";

    [Fact]
    public async Task A_deployment_and_a_service_are_made_and_carry_the_templates_labels()
    {
        var kubectl = await operators.KubectlAsync();
        await kubectl.DoWithAsync(Templates.Of("shop", Deployment(2), Service), "apply", "-f", "-");
        var status = await kubectl.JudgedAsync("shop", "Completed");
        Assert.Equal((2, 2), ((int)status["resourcesTotal"]!, (int)status["resourcesSynced"]!));
        foreach (var kind in (string[])["deployment", "service"])
        {
            Assert.Equal(
                $"shop {kubectl.Namespace}",
                await kubectl.DoAsync("get", kind, "web", "-o", @"jsonpath={.metadata.labels.kubetemplater\.io/template-name} {.metadata.labels.kubetemplater\.io/template-namespace}"));
        }

        Assert.Matches("^NAME +STATUS +AGE\nshop +Completed +", await kubectl.DoAsync("get", "kubetemplates"));
        await kubectl.DoAsync("wait", "--for=condition=Ready", "kubetemplate/shop", "--timeout=10s");
    }

    [Fact]
    public async Task A_changed_replica_count_rolls_through_to_the_deployment()
    {
        var kubectl = await operators.KubectlAsync();
        await kubectl.DoWithAsync(Templates.Of("shop", Deployment(2)), "apply", "-f", "-");
        await kubectl.JudgedAsync("shop", "Completed");
        Assert.Equal("2", await kubectl.FieldAsync("deployment", "web", ".spec.replicas"));
        Assert.Equal("kubetemplate.kubetemplater.io/shop configured", await kubectl.DoWithAsync(Templates.Of("shop", Deployment(5)), "apply", "-f", "-"));
        await kubectl.DoAsync("wait", "--for=jsonpath={.spec.replicas}=5", "deployment/web", "--timeout=20s");
        await kubectl.JudgedAsync("shop", "Completed");
    }

    [Fact]
    public async Task Applying_the_same_template_again_changes_nothing()
    {
        var kubectl = await operators.KubectlAsync();
        await kubectl.DoWithAsync(Templates.Of("shop", Templates.ConfigMap("a")), "apply", "-f", "-");
        await kubectl.JudgedAsync("shop", "Completed");
        var before = await kubectl.DoAsync("get", "configmap,kubetemplate", "-o", "jsonpath={.items[*].metadata.resourceVersion}");
        Assert.Equal("kubetemplate.kubetemplater.io/shop unchanged", await kubectl.DoWithAsync(Templates.Of("shop", Templates.ConfigMap("a")), "apply", "-f", "-"));
        await kubectl.DoWithAsync(Templates.Of("later", Templates.ConfigMap("b")), "apply", "-f", "-");
        await kubectl.JudgedAsync("later", "Completed");
        var after = await kubectl.DoAsync("get", "configmap/a", "kubetemplate/shop", "-o", "jsonpath={.items[*].metadata.resourceVersion}");
        Assert.All(after.Split(' '), version => Assert.Contains(version, before.Split(' ')));
    }

    private static string Deployment(int replicas) =>
        $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: web}}}}, "
        + "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'registry.local/web:1.0'}]}}}}";
}
