namespace KubeTemplater.Tests.Admission;

/// <summary>The scenarios of the Go operator's webhook, by their numbers, through the API server and the webhook.</summary>
public sealed class ScenarioTests(AdmittedOperator admitted) : IClassFixture<AdmittedOperator>
{
    private const string PrefixRule = "fieldValidations: [{name: prefix, type: cel, fieldPath: metadata.name, cel: 'value.startsWith(\"prod-\")', message: names begin with prod-}]";
    private const string NameRule = "fieldValidations: [{name: shape, type: regex, fieldPath: metadata.name, regex: '^[a-z]+-[a-z]+$', message: lower case and a dash}]";
    private const string SizeRule = "fieldValidations: [{name: size, type: range, fieldPath: spec.replicas, min: 1, max: 10, message: 1 to 10 replicas}]";
    private const string TeamRule = "fieldValidations: [{name: team, type: required, fieldPath: metadata.labels.team, message: say whose it is}]";
    private const string HostRule = "fieldValidations: [{name: host, type: forbidden, fieldPath: spec.hostNetwork, message: not the network of the host}]";

    [Fact]
    public async Task Scenario01_without_a_policy_everything_is_refused()
    {
        await admitted.Running.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: s01}}", TestContext.Current.CancellationToken);

        (await admitted.CreateAsync("s01", ConfigMap("a"))).IsRefused("no KubeTemplatePolicy found for source namespace s01");
    }

    [Fact]
    public async Task Scenario02_what_the_policy_allows_is_accepted_without_a_warning()
    {
        var ns = await admitted.NamespaceAsync("s02", Rule("s02"));
        var answer = await admitted.CreateAsync(ns, ConfigMap("a"));

        answer.IsAccepted();
        Assert.Empty(answer.Warnings);
    }

    [Fact]
    public async Task Scenario03_a_kind_that_no_rule_names_is_refused()
    {
        var ns = await admitted.NamespaceAsync("s03", Rule("s03"));

        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: Secret, metadata: {name: s}}}")).IsRefused("template[0] Secret s03/s", "not allowed by policy");
    }

    [Fact]
    public async Task Scenario04_a_namespace_that_no_rule_names_is_refused()
    {
        var ns = await admitted.NamespaceAsync("s04", Rule("allowed-ns"));

        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: wrong-ns}}}"))
            .IsRefused("template[0] ConfigMap wrong-ns/a", "not in the allowed target namespaces");
    }

    [Theory]
    [InlineData(5, "allowed-secret", null)]
    [InlineData(6, "invalid-secret", "fieldValidation (rule): fails object.metadata.name.startsWith('allowed-')")]
    public async Task Scenario05_and_06_the_rule_over_the_whole_object(int number, string name, string? refusal)
    {
        var ns = await admitted.NamespaceAsync($"s{number:00}", Rule($"s{number:00}", "rule: \"object.metadata.name.startsWith('allowed-')\"", "Secret"));

        Expect(await admitted.CreateAsync(ns, $"{{object: {{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}}}}}"), refusal);
    }

    [Fact]
    public async Task Scenario07_replace_is_accepted_with_a_warning()
    {
        var ns = await admitted.NamespaceAsync("s07", Rule("s07"));
        var answer = await admitted.CreateAsync(ns, "{replace: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}");

        answer.IsAccepted();
        Assert.StartsWith("template[0] ConfigMap s07/a: replace is enabled", Assert.Single(answer.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "prod-config", PrefixRule, null)]
    [InlineData(9, "dev-config", PrefixRule, "fieldValidation (prefix): names begin with prod-")]
    [InlineData(10, "prod-config", NameRule, null)]
    [InlineData(11, "INVALID_NAME", NameRule, "fieldValidation (shape): lower case and a dash")]
    public async Task Scenario08_to_11_names_by_cel_and_by_pattern(int number, string name, string checks, string? refusal)
    {
        var ns = await admitted.NamespaceAsync($"s{number:00}", Rule($"s{number:00}", checks));

        Expect(await admitted.CreateAsync(ns, ConfigMap(name)), refusal);
    }

    [Theory]
    [InlineData(12, 5, null)]
    [InlineData(13, 20, "fieldValidation (size): 1 to 10 replicas")]
    public async Task Scenario12_and_13_a_range(int number, int replicas, string? refusal)
    {
        var ns = await admitted.NamespaceAsync($"s{number}", Rule($"s{number}", SizeRule, "Deployment", "apps"));

        Expect(await admitted.CreateAsync(ns, $"{{object: {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: {replicas}}}}}}}"), refusal);
    }

    [Theory]
    [InlineData(14, "{team: blue}", null)]
    [InlineData(15, "{}", "fieldValidation (team): say whose it is")]
    public async Task Scenario14_and_15_a_required_label(int number, string labels, string? refusal)
    {
        var ns = await admitted.NamespaceAsync($"s{number}", Rule($"s{number}", TeamRule));

        Expect(await admitted.CreateAsync(ns, $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: a, labels: {labels}}}}}}}"), refusal);
    }

    [Theory]
    [InlineData(16, "{}", null)]
    [InlineData(17, "{hostNetwork: true}", "fieldValidation (host): not the network of the host")]
    public async Task Scenario16_and_17_a_forbidden_field(int number, string spec, string? refusal)
    {
        var ns = await admitted.NamespaceAsync($"s{number}", Rule($"s{number}", HostRule, "Pod"));

        Expect(await admitted.CreateAsync(ns, $"{{object: {{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}}}"), refusal);
    }

    [Fact]
    public async Task Scenario18_several_checks_that_all_pass()
    {
        const string Checks = """
            fieldValidations: [{name: shape, type: regex, fieldPath: metadata.name, regex: '^[a-z]+-[a-z]+$'},
                               {name: size, type: range, fieldPath: spec.replicas, min: 1, max: 10},
                               {name: team, type: required, fieldPath: metadata.labels.team}]
            """;
        var ns = await admitted.NamespaceAsync("s18", Rule("s18", Checks, "Deployment", "apps"));

        (await admitted.CreateAsync(ns, "{object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: prod-web, labels: {team: blue}}, spec: {replicas: 3}}}")).IsAccepted();
    }

    [Fact]
    public async Task Scenario19_of_two_checks_the_one_that_fails_is_told_and_the_other_not()
    {
        const string Checks = """
            fieldValidations: [{name: prefix, type: regex, fieldPath: metadata.name, regex: '^prod-', message: first message},
                               {name: length, type: cel, fieldPath: metadata.name, cel: 'size(value) < 50', message: second message}]
            """;
        var ns = await admitted.NamespaceAsync("s19", Rule("s19", Checks));
        var answer = await admitted.CreateAsync(ns, ConfigMap("dev-api"));

        answer.IsRefused("fieldValidation (prefix): first message");
        Assert.DoesNotContain("second message", answer.Message, StringComparison.Ordinal);
    }

    private static string ConfigMap(string name) => $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}}}";

    private static string Rule(string target, string checks = "", string kind = "ConfigMap", string group = "") =>
        $"[{{kind: {kind}, group: '{group}', version: v1, targetNamespaces: [{target}]{(checks.Length == 0 ? "" : $", {checks}")}}}]";

    private static void Expect(Answer answer, string? refusal)
    {
        if (refusal is null)
        {
            answer.IsAccepted();
        }
        else
        {
            answer.IsRefused("template[0]", refusal);
        }
    }
}
