using System.CommandLine;
using System.Text.Json.Nodes;
using Capstan.Tool;
using Capstan.Tool.Templates;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Templates;

/// <summary><c>capstan template tree</c> over a cluster where the operator works.</summary>
[Collection(WithKubeTemplater.Name)]
public sealed class TreeTests(KubeTemplaterFixture operators, ClusterFixture cluster)
{
    private const string Shop = """
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: shop}
        spec:
          templates:
          - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast, size: small}}
          - id: web
            object:
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec:
                replicas: 2
                selector: {matchLabels: {app: web}}
                template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "reg.local/web:1"}]}}
          - object: {apiVersion: v1, kind: Secret, metadata: {name: hidden}}
        """;

    [Fact]
    public async Task Each_object_is_shown_with_what_others_changed_in_it()
    {
        var kubectl = await operators.KubectlAsync();
        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, kubectl.Namespace, "{kind: ConfigMap, group: '', version: v1, targetNamespaces: [NS]}, {kind: Deployment, group: apps, version: v1, targetNamespaces: [NS]}");
        await kubectl.DoWithAsync(Shop[..Shop.LastIndexOf("  - object", StringComparison.Ordinal)], "apply", "-f", "-");
        await kubectl.DoAsync("wait", "kubetemplate/shop", "--for=jsonpath={.status.processingPhase}=Completed", "--timeout=60s");
        await operators.StopAsync();

        Assert.Matches(@"^KubeTemplate \S+/shop Completed 2/2, \d+s\n   OBJECT +STATE +READY +AGE +DRIFT +MESSAGE\n├─ ConfigMap \S+/settings +Applied +True +\d+s +-\n└─ Deployment.apps \S+/web +Applied +(True|False) +\d+s +-( +\S.*)?\n$",
            await TreeAsync(ExitCodes.Done, "shop", "-n", kubectl.Namespace));

        await kubectl.DoAsync("scale", "deployment/web", "--replicas=5");
        await kubectl.DoAsync("set", "image", "deployment/web", "web=reg.local/web:2", "--field-manager=someone");
        await kubectl.DoAsync("label", "deployment/web", "kubetemplater.io/template-name-");
        await kubectl.DoAsync("delete", "configmap/settings");

        var changed = JsonNode.Parse(await TreeAsync(ExitCodes.Done, "shop", "-n", kubectl.Namespace, "-o", "json"))!["templates"]![0]!["objects"]!.AsArray();
        Assert.Equal(("Missing", "Applied"), ((string)changed[0]!["state"]!, (string)changed[1]!["state"]!));
        Assert.Null(changed[0]!["ready"]);
        Assert.Equal(
            [("metadata.labels['kubetemplater.io/template-name']", null), ("spec.replicas", "kubectl"), ("spec.template.spec.containers[name=web].image", "someone")],
            changed[1]!["drift"]!.AsArray().Select(drift => ((string)drift!["field"]!, (string?)drift["manager"])).Order());
    }

    [Fact]
    public async Task What_is_not_applied_yet_is_pending_and_what_cannot_be_read_is_said()
    {
        var kubectl = await operators.KubectlAsync();
        await operators.StopAsync();
        await kubectl.DoWithAsync(Shop, "apply", "-f", "-");

        var tree = await TreeAsync(ExitCodes.Done, "-n", kubectl.Namespace);
        Assert.Matches("ConfigMap .*Pending", tree);
        Assert.Matches("└─ Secret .*Pending", tree);
    }

    [Fact]
    public async Task Whether_each_is_ready_is_told_by_its_own_status_and_what_it_lacks()
    {
        var kubectl = await operators.KubectlAsync();
        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, kubectl.Namespace, "{kind: Service, group: '', version: v1, targetNamespaces: [NS]}");
        await kubectl.DoWithAsync(
            """
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: ready}
            spec:
              templates:
              - object: {apiVersion: v1, kind: Service, metadata: {name: inside}, spec: {ports: [{port: 80}]}}
              - object: {apiVersion: v1, kind: Service, metadata: {name: outside}, spec: {type: LoadBalancer, ports: [{port: 80}]}}
            """, "apply", "-f", "-");
        await kubectl.DoAsync("wait", "kubetemplate/ready", "--for=jsonpath={.status.processingPhase}=Completed", "--timeout=60s");

        Assert.Matches(
            @"├─ Service \S+/inside +Applied +True +\d+s +-\n└─ Service \S+/outside +Applied +False +\d+s +- +it has no load balancer yet\n$",
            await TreeAsync(ExitCodes.Done, "ready", "-n", kubectl.Namespace));
    }

    [Fact]
    public async Task An_unknown_template_ends_with_one_line_and_exit_code_1()
    {
        var kubectl = await operators.KubectlAsync();
        var fault = await Assert.ThrowsAsync<CannotRunException>(() => TreeAsync(ExitCodes.CannotRun, "nowhere", "-n", kubectl.Namespace));
        Assert.Equal("kubetemplates.kubetemplater.io \"nowhere\" not found", fault.Message);
    }

    private async Task<string> TreeAsync(int code, params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var parsed = TemplateCommand.Create(new Dictionary<Command, string>()).Parse(["tree", .. arguments, "--kubeconfig", cluster.Kubeconfig]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(code, await parsed.InvokeAsync(new() { Output = output, EnableDefaultExceptionHandler = false }));
        return output.ToString();
    }
}
