using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Policies;

public class PolicyCheckTests
{
    private const string Settings = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"}}""";

    [Fact]
    public void Allows_a_kind_in_a_target_namespace_that_defaults_to_the_templates() =>
        Assert.Null(PolicyCheck.Violation(Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue")), Given.Manifest(Settings)));

    [Theory]
    [InlineData("Secret", "", "v1")]
    [InlineData("ConfigMap", "apps", "v1")]
    [InlineData("ConfigMap", "", "v2")]
    [InlineData("configmap", "", "v1")]
    public void Refuses_what_no_rule_names(string kind, string group, string version) =>
        Assert.Equal(
            "template[2] ConfigMap blue/settings: resource type v1 ConfigMap is not allowed by policy kubetemplater-system/team-blue",
            PolicyCheck.Violation(Given.Policy(Given.Rule(kind, group, version, "blue")), Given.Manifest(Settings, index: 2)));

    [Fact]
    public void Refuses_another_namespace_and_names_those_that_are_allowed() =>
        Assert.Equal(
            "template[0] ConfigMap blue/settings: namespace blue is not in the allowed target namespaces (green, red) "
            + "of validationRules[0] of policy kubetemplater-system/team-blue",
            PolicyCheck.Violation(Given.Policy(Given.Rule("ConfigMap", "", "v1", "green", "red")), Given.Manifest(Settings)));

    [Fact]
    public void Refuses_everywhere_when_no_target_namespace_is_given() =>
        Assert.Contains(
            "no target namespaces defined",
            PolicyCheck.Violation(Given.Policy(Given.Rule("ConfigMap", "", "v1")), Given.Manifest(Settings)),
            StringComparison.Ordinal);

    [Fact]
    public void Tries_all_rules_for_a_kind() =>
        Assert.Null(PolicyCheck.Violation(
            Given.Policy(Given.Rule("ConfigMap", "", "v1", "green"), Given.Rule("ConfigMap", "", "v1", "blue")),
            Given.Manifest(Settings)));

    [Fact]
    public void A_CEL_rule_that_cannot_be_evaluated_refuses_even_beside_a_rule_that_allows()
    {
        var policy = Given.Policy(
            Given.Rule("ConfigMap", "", "v1", "blue"),
            Given.Rule("ConfigMap", "", "v1", "blue") with { Rule = "object.metadata.name.startsWith('s')" });

        Assert.Contains("validationRules[1] of policy kubetemplater-system/team-blue has a CEL rule", PolicyCheck.Violation(policy, Given.Manifest(Settings)), StringComparison.Ordinal);
    }

    [Fact]
    public void Field_validations_that_cannot_be_evaluated_refuse()
    {
        var validation = new FieldValidation { Name = "n", Type = "required", FieldPath = "metadata.name" };
        var policy = Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue") with { FieldValidations = [validation] });

        Assert.Contains("has fieldValidations", PolicyCheck.Violation(policy, Given.Manifest(Settings)), StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_of_a_rule_for_another_kind_do_not_matter() =>
        Assert.Null(PolicyCheck.Violation(
            Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue"), Given.Rule("Secret", "", "v1", "blue") with { Rule = "true" }),
            Given.Manifest(Settings)));
}
