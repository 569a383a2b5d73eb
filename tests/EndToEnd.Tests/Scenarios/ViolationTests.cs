using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Scenarios;

/// <summary>Templates that must fail: each with its own message, the others unharmed, and mended by a change of template or policy.</summary>
[Collection(WithKubeTemplater.Name)]
public sealed class ViolationTests(KubeTemplaterFixture operators)
{
    [Fact]
    public async Task Each_bad_template_fails_with_its_own_message_and_the_good_one_completes()
    {
        var kubectl = await operators.KubectlAsync();
        var bad = new (string Name, string Manifest, string[] Says)[]
        {
            ("kind-forbidden", "{apiVersion: v1, kind: Secret, metadata: {name: s}}", ["template[0]", "Secret", "/s", "not allowed by policy"]),
            ("namespace-forbidden", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: kube-system}}", ["template[0]", "ConfigMap", "kube-system/c", "not in the allowed target namespaces"]),
            ("no-kind", "{apiVersion: v1, metadata: {name: c}}", ["template[0]", "no kind"]),
            ("no-name", "{apiVersion: v1, kind: ConfigMap, metadata: {}}", ["template[0]", "ConfigMap", "no metadata.name"]),
            ("refused", "{apiVersion: v1, kind: Service, metadata: {name: no-ports}, spec: {selector: {app: x}}}", ["template[0]", "Service", "/no-ports", "spec.ports"]),
        };
        foreach (var (name, manifest, _) in bad)
        {
            await kubectl.DoWithAsync(Templates.Of(name, manifest), "apply", "-f", "-");
        }

        await kubectl.DoWithAsync(Templates.Of("good", Templates.ConfigMap("good")), "apply", "-f", "-");
        var messages = new HashSet<string>();
        foreach (var (name, _, says) in bad)
        {
            var message = (string)(await kubectl.JudgedAsync(name, "Failed"))["status"]!;
            Assert.All(says, part => Assert.Contains(part, message, StringComparison.Ordinal));
            Assert.True(messages.Add(message), message);
        }

        await kubectl.JudgedAsync("good", "Completed");
        Assert.Equal("slow", await kubectl.FieldAsync("configmap", "good", ".data.mode"));
        Assert.Equal("", await kubectl.DoAsync("get", "secret", "s", "--ignore-not-found"));
    }

    [Fact]
    public async Task A_config_map_that_is_too_large_fails_and_says_so()
    {
        var kubectl = await operators.KubectlAsync();
        var large = $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: large}}, data: {{text: {new string('x', 1_153_434)}}}}}";
        await kubectl.DoWithAsync(Templates.Of("large", large), "create", "-f", "-");
        await kubectl.DoWithAsync(Templates.Of("small", Templates.ConfigMap("small")), "apply", "-f", "-");
        Assert.Contains("larger than 1048576 bytes", (string)(await kubectl.JudgedAsync("large", "Failed"))["status"]!, StringComparison.Ordinal);
        await kubectl.JudgedAsync("small", "Completed");
    }

    [Fact]
    public async Task A_template_without_policy_fails_until_there_is_one_and_again_when_there_are_two()
    {
        var kubectl = await operators.KubectlAsync(withPolicy: false);
        await kubectl.DoWithAsync(Templates.Of("shop", Templates.ConfigMap("a")), "apply", "-f", "-");
        var without = (string)(await kubectl.JudgedAsync("shop", "Failed"))["status"]!;
        Assert.Contains($"no KubeTemplatePolicy found for source namespace {kubectl.Namespace}", without, StringComparison.Ordinal);

        const string Rule = "{kind: ConfigMap, group: '', version: v1, targetNamespaces: [NS]}";
        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, $"{kubectl.Namespace}-one", Rule);
        await kubectl.JudgedAsync("shop", "Completed");

        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, $"{kubectl.Namespace}-two", Rule);
        await kubectl.DoWithAsync(Templates.Of("late", Templates.ConfigMap("b")), "apply", "-f", "-");
        var two = (string)(await kubectl.JudgedAsync("late", "Failed"))["status"]!;
        Assert.Contains($"{kubectl.Namespace}-one, {kubectl.Namespace}-two", two, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mended_policy_runs_a_failed_template_again_at_once()
    {
        var kubectl = await operators.KubectlAsync();
        await kubectl.DoWithAsync(Templates.Of("shop", "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: gate}, spec: {podSelector: {}}}"), "apply", "-f", "-");
        await kubectl.JudgedAsync("shop", "Failed");
        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, kubectl.Namespace, "{kind: NetworkPolicy, group: networking.k8s.io, version: v1, targetNamespaces: [NS]}");
        await kubectl.JudgedAsync("shop", "Completed");
        Assert.Equal("networkpolicy.networking.k8s.io/gate", await kubectl.DoAsync("get", "networkpolicy", "gate", "-o", "name"));
    }

    [Theory]
    [InlineData("rule: 'object.metadata.name != \"a\"'", "fieldValidation (rule): fails object.metadata.name")]
    [InlineData("fieldValidations: [{name: team, type: required, fieldPath: metadata.labels.team}]", "fieldValidation (team): metadata.labels.team is required")]
    [InlineData("rule: 'object.'", "validationRules[0].rule: does not compile")]
    public async Task A_template_that_a_check_refuses_makes_nothing_and_says_why(string check, string says)
    {
        var kubectl = await operators.KubectlAsync(withPolicy: false);
        await KubeTemplaterFixture.ApplyPolicyAsync(kubectl, kubectl.Namespace, $"{{kind: ConfigMap, group: '', version: v1, targetNamespaces: [NS], {check}}}");
        await kubectl.DoWithAsync(Templates.Of("shop", Templates.ConfigMap("a")), "apply", "-f", "-");
        Assert.Contains(says, (string)(await kubectl.JudgedAsync("shop", "Failed"))["status"]!, StringComparison.Ordinal);
        Assert.Equal("", await kubectl.DoAsync("get", "configmap", "a", "--ignore-not-found"));
    }
}
