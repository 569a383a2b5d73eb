using System.Text.Json;
using Capstan;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Policies;

/// <summary>Which rule allows what where.</summary>
public class CompiledPolicyTests
{
    private const string Settings = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"}}""";

    [Fact]
    public void Allows_a_kind_in_a_target_namespace_that_defaults_to_the_templates() =>
        Assert.Empty(Violations(Given.Rule("ConfigMap", "", "v1", "blue")));

    [Theory]
    [InlineData("Secret", "", "v1")]
    [InlineData("ConfigMap", "apps", "v1")]
    [InlineData("ConfigMap", "", "v2")]
    [InlineData("configmap", "", "v1")]
    [InlineData("Config*X", "", "v1")]
    public void Refuses_what_no_rule_names(string kind, string group, string version) =>
        Assert.Equal(
            ["template[0] ConfigMap blue/settings: resource type v1 ConfigMap is not allowed by policy kubetemplater-system/team-blue"],
            Violations(Given.Rule(kind, group, version, "blue")));

    [Theory]
    [InlineData("*", "*", "*", "*")]
    [InlineData("Config*", "", "v*", "b*e")]
    [InlineData("*Map", "", "*1", "*blue*")]
    [InlineData("C*n*M*p", "", "v1", "blue")]
    public void Stars_stand_for_any_characters(string kind, string group, string version, string target) =>
        Assert.Empty(Violations(Given.Rule(kind, group, version, target)));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_longer_than_text_times_pattern() =>
        Assert.False(new Pattern(string.Concat(Enumerable.Repeat("a*", 2000)) + "b").Fits(new string('a', 20_000)));

    [Fact]
    public void Refuses_another_namespace_and_names_those_that_are_allowed() =>
        Assert.Equal(
            ["template[0] ConfigMap blue/settings: namespace blue is not in the allowed target namespaces (green, red) of spec.validationRules[0] of policy kubetemplater-system/team-blue"],
            Violations(Given.Rule("ConfigMap", "", "v1", "green", "red")));

    [Fact]
    public void Refuses_everywhere_when_no_target_namespace_is_given() =>
        Assert.Contains("no target namespaces defined", Assert.Single(Violations(Given.Rule("ConfigMap", "", "v1"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"matchLabels":{"team":"blue"}}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"team","operator":"In","values":["red"]}]}""", false)]
    public void Target_namespaces_may_be_selected_by_their_labels(string selector, bool allowed)
    {
        var rule = Given.Rule("ConfigMap", "", "v1") with { TargetNamespaceSelector = Json(selector) };
        var blue = DynamicObject.Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"blue","labels":{"team":"blue"}}}"""u8.ToArray());

        Assert.Equal(allowed, Compiled(rule).Violations(Given.Manifest(Settings), new() { Namespaced = true, Namespace = blue }).Count == 0);
        Assert.NotEmpty(Compiled(rule).Violations(Given.Manifest(Settings), new() { Namespaced = true }));
    }

    [Fact]
    public void One_rule_of_several_for_a_kind_is_enough()
    {
        var strict = Given.Rule("ConfigMap", "", "v1", "blue") with { Rule = "object.metadata.name == 'other'" };

        Assert.Empty(Violations(Given.Rule("ConfigMap", "", "v1", "green"), strict, Given.Rule("ConfigMap", "", "v1", "blue")));
    }

    [Fact]
    public void When_none_allows_all_that_is_wrong_with_each_is_told()
    {
        var one = Given.Rule("ConfigMap", "", "v1", "blue") with
        {
            Rule = "object.metadata.name == 'other'",
            FieldValidations = [new() { Name = "team", Type = "required", FieldPath = "metadata.labels.team", Message = "say whose it is" }],
        };
        var other = Given.Rule("ConfigMap", "", "v1", "blue") with { FieldValidations = [new() { Name = "data", Type = "required", FieldPath = "data" }] };

        Assert.Equal(
            [
                "template[0] ConfigMap blue/settings: fieldValidation (rule): fails object.metadata.name == 'other'",
                "template[0] ConfigMap blue/settings: fieldValidation (team): say whose it is",
                "template[0] ConfigMap blue/settings: fieldValidation (data): data is required",
            ],
            Violations(one, other));
    }

    [Theory]
    [InlineData("rbac.authorization.k8s.io", "Role", true)]
    [InlineData("kubetemplater.io", "KubeTemplatePolicy", true)]
    [InlineData("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", false)]
    [InlineData("", "Node", false)]
    public void What_gives_power_must_be_named_in_full_whatever_the_enforcement(string group, string kind, bool namespaced)
    {
        var apiVersion = group.Length == 0 ? "v1" : $"{group}/v1";
        var manifest = Given.Manifest($$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"x"}}""");
        var context = new CheckContext { Namespaced = namespaced };

        var refused = Assert.Single(Compiled(Given.Rule("*", "*", "*", "*")).Violations(manifest, context));
        Assert.EndsWith(", which would have to name it in full", refused.Text, StringComparison.Ordinal);
        Assert.True(refused.AlwaysRefused);
        Assert.Empty(Compiled(Given.Rule(kind, group, "v1", "*")).Violations(manifest, context));
    }

    [Theory]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", false)]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", true)]
    [InlineData("authorization.openshift.io/v1", "RoleBinding", true)]
    [InlineData("kubetemplater.io/v1alpha1", "KubeTemplate", true)]
    [InlineData("kubetemplater.io/v1alpha1", "KubeTemplatePolicy", true)]
    [InlineData("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", false)]
    [InlineData("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", false)]
    [InlineData("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", false)]
    [InlineData("apiregistration.k8s.io/v1", "APIService", false)]
    [InlineData("certificates.k8s.io/v1", "CertificateSigningRequest", false)]
    [InlineData("certificates.k8s.io/v1beta1", "PodCertificateRequest", true)]
    [InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition", false)]
    [InlineData("v1", "Namespace", false)]
    [InlineData("v1", "PersistentVolume", false)]
    [InlineData("storage.k8s.io/v1", "StorageClass", false)]
    public void S6_no_star_covers_what_gives_power(string apiVersion, string kind, bool namespaced)
    {
        var manifest = Given.Manifest($$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"x","labels": {"rbac.authorization.k8s.io/aggregate-to-admin": "true"} } }""");
        var (group, version) = (manifest.Kind.Group, manifest.Kind.Version);
        var context = new CheckContext { Namespaced = namespaced };

        foreach (var rule in new[] { Given.Rule("*", group, version, "blue"), Given.Rule(kind, "*", version, "blue"), Given.Rule($"{kind}*", group, version, "blue"), Given.Rule("*", "*", "*", "*") })
        {
            Assert.True(Assert.Single(Compiled(rule).Violations(manifest, context)).AlwaysRefused, rule.ToString());
        }

        Assert.Empty(Compiled(Given.Rule(kind, group, "*", "b*")).Violations(manifest, context));
    }

    [Theory]
    [InlineData("kubernetes.io/service-account-token", false)]
    [InlineData("bootstrap.kubernetes.io/token", false)]
    [InlineData("Opaque", true)]
    public void S6_a_Secret_that_becomes_a_token_needs_a_rule_for_Secrets(string type, bool allowed)
    {
        var manifest = Given.Manifest($$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x","annotations":{"kubernetes.io/service-account.name":"admin"}},"type":"{{{type}}}"}""");

        Assert.Equal(allowed, Compiled(Given.Rule("*", "", "v1", "blue")).Violations(manifest, new() { Namespaced = true }).Count == 0);
        Assert.Empty(Compiled(Given.Rule("Secret", "", "v1", "blue")).Violations(manifest, new() { Namespaced = true }));
    }

    [Fact]
    public void S6_the_Namespace_of_the_operator_is_not_changed_by_a_rule_for_Namespaces()
    {
        var manifest = Given.Manifest("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kubetemplater-system","labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}""");
        var context = new CheckContext { Namespaced = false };

        Assert.True(Assert.Single(Compiled(Given.Rule("Namespace", "", "v1", "blue", "*")).Violations(manifest, context)).AlwaysRefused);
        Assert.Empty(Compiled(Given.Rule("Namespace", "", "v1", "blue", "kubetemplater-system")).Violations(manifest, context));
        Assert.Empty(Compiled(Given.Rule("Namespace", "", "v1", "blue")).Violations(Given.Manifest("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"blue-2"}}"""), context));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("Deny", true)]
    [InlineData("deny", true)]
    [InlineData("Off", true)]
    [InlineData("Warn", false)]
    [InlineData("Audit", false)]
    public void What_is_not_known_as_an_enforcement_enforces(string? enforcement, bool refuses)
    {
        var policy = Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue"));

        Assert.Equal(refuses, new CompiledPolicy(policy with { Spec = policy.Spec with { Enforcement = enforcement } }, "kubetemplater-system").Refuses);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("deployer", true)]
    [InlineData("a.b-c", true)]
    [InlineData("deployer:admin", false)]
    [InlineData("deployer\r\nImpersonate-Group: system:masters", false)]
    [InlineData("../kube-system", false)]
    [InlineData("-x", false)]
    public void A_name_that_is_no_ServiceAccounts_allows_nothing(string? account, bool allowed)
    {
        var policy = Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue"));
        var compiled = new CompiledPolicy(policy with { Spec = policy.Spec with { ServiceAccountName = account, Enforcement = "Audit" } }, "kubetemplater-system");

        Assert.Equal(allowed, compiled.Violations(Given.Manifest(Settings), new() { Namespaced = true }).Count == 0);
        Assert.All(compiled.Violations(Given.Manifest(Settings), new() { Namespaced = true }), violation => Assert.True(violation.AlwaysRefused));
        Assert.Equal(allowed, !compiled.Faults.Any());
    }

    [Fact]
    public void Old_objects_are_found_by_what_they_are_wherever_they_stood()
    {
        var policy = Compiled(Given.Rule("ConfigMap", "", "v1", "blue") with { Rule = "oldObject == null || oldObject.data.x == object.data.x" });
        var before = new EntriesBefore(Given.Template(
            Given.Entry("""{"kind":"nothing"}"""),
            Given.Entry("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"settings"},"data":{"x":"3"}}"""),
            Given.Entry("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"x":"1"}}""")));

        Assert.Empty(policy.Violations(With("settings", 1), new() { Old = before }));
        Assert.NotEmpty(policy.Violations(With("settings", 2), new() { Old = before }));
        Assert.Empty(policy.Violations(With("others", 2), new() { Old = before }));
        Assert.Empty(policy.Violations(With("settings", 2), new()));

        static KubeTemplater.Templating.Manifest With(string name, int x) =>
            Given.Manifest($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"x":"{{{x}}}"}}""");
    }

    [Fact]
    public void What_may_be_deleted_is_what_a_rule_reaches()
    {
        var policy = Compiled(Given.Rule("*", "*", "*", "b*"), Given.Rule("ClusterRole", "rbac.authorization.k8s.io", "v1", "blue"));

        Assert.True(policy.Reaches(new("", "v1", "ConfigMap"), new("blue", "x"), null));
        Assert.False(policy.Reaches(new("", "v1", "ConfigMap"), new("kube-system", "x"), null));
        Assert.False(policy.Reaches(new("", "v1", "ConfigMap"), new("kubetemplater-system", "x"), null));
        Assert.True(policy.Reaches(new("rbac.authorization.k8s.io", "v1", "ClusterRole"), ObjectKey.ClusterScoped("x"), null));
        Assert.False(policy.Reaches(new("rbac.authorization.k8s.io", "v1", "Role"), new("blue", "x"), null));
        Assert.False(policy.Reaches(new("", "v1", "Namespace"), ObjectKey.ClusterScoped("x"), null));
    }

    [Fact]
    public void The_operators_own_namespace_must_be_named_in_full()
    {
        var manifest = Given.Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"kubetemplater-system"}}""");
        var context = new CheckContext { Namespaced = true };

        Assert.True(Assert.Single(Compiled(Given.Rule("ConfigMap", "", "v1", "*")).Violations(manifest, context)).AlwaysRefused);
        Assert.Empty(Compiled(Given.Rule("ConfigMap", "", "v1", "kubetemplater-system")).Violations(manifest, context));
    }

    [Fact]
    public void A_rule_that_cannot_be_compiled_allows_nothing_and_says_where_it_is_wrong()
    {
        var broken = Given.Rule("ConfigMap", "", "v1", "blue") with
        {
            Rule = "object.",
            TargetNamespaceSelector = Json("""{"matchExpressions":[{"key":"a","operator":"Like"}]}"""),
            FieldValidations =
            [
                new() { Name = "ok", Type = "required", FieldPath = "data" },
                new() { Name = "no", Type = "regex", FieldPath = "data.x", Regex = "(" },
                new() { Name = "path", Type = "forbidden", FieldPath = "a..b" },
            ],
        };

        var faults = Compiled(broken).Faults.ToList();

        Assert.Equal(4, faults.Count);
        Assert.StartsWith("spec.validationRules[0].targetNamespaceSelector: ", faults[0], StringComparison.Ordinal);
        Assert.StartsWith("spec.validationRules[0].rule: does not compile: ERROR: <input>:1:8:", faults[1], StringComparison.Ordinal);
        Assert.StartsWith("spec.validationRules[0].fieldValidations[1].regex: ", faults[2], StringComparison.Ordinal);
        Assert.Equal("spec.validationRules[0].fieldValidations[2].fieldPath: a name is missing, at character 3 of 'a..b'", faults[3]);
        Assert.All(Compiled(broken).Violations(Given.Manifest(Settings), new()), violation => Assert.True(violation.AlwaysRefused));
        Assert.Equal(4, Violations(broken).Count);
    }

    private static CompiledPolicy Compiled(params PolicyRule[] rules) => new(Given.Policy(rules), "kubetemplater-system");

    private static List<string> Violations(params PolicyRule[] rules) =>
        [.. Compiled(rules).Violations(Given.Manifest(Settings), new() { Namespaced = true }).Select(violation => violation.Text)];

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
