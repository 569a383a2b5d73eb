using System.Text;
using Capstan;
using Capstan.Cluster.Manifests;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Admission;

/// <summary>Policies as they are written, through the API server and the webhook.</summary>
public sealed class PolicyAdmissionTests(AdmittedOperator admitted) : IClassFixture<AdmittedOperator>
{
    private const string Settings = "kind: ConfigMap, group: '', version: v1, targetNamespaces: [x]";

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rule: 'object.'", "spec.validationRules[0].rule: does not compile: ERROR: <input>:1:8: ")]
    [InlineData("fieldValidations: [{name: a, type: cel, cel: \"object.x ==\\n  value\"}]", "spec.validationRules[0].fieldValidations[0].cel: does not compile: ERROR: <input>:2:3: undeclared reference to 'value'")]
    [InlineData("fieldValidations: [{name: a, type: cel, cel: 'size(object)'}]", "spec.validationRules[0].fieldValidations[0].cel: gives a int, and must give a bool")]
    [InlineData("fieldValidations: [{name: a, type: regex, fieldPath: a, regex: 'a(b'}]", "spec.validationRules[0].fieldValidations[0].regex: error parsing regexp: missing closing ): `a(b`")]
    [InlineData("fieldValidations: [{name: a, type: regex, fieldPath: a, regex: 'ab[z-a]'}]", "spec.validationRules[0].fieldValidations[0].regex: error parsing regexp: invalid character class range: `z-a`, at character 4")]
    [InlineData("fieldValidations: [{name: a, type: required, fieldPath: 'a[b]'}]", "spec.validationRules[0].fieldValidations[0].fieldPath: in [] stands *, a number from 0, or a quoted name, at character 3 of 'a[b]'")]
    [InlineData("fieldValidations: [{name: '', type: required, fieldPath: a}]", "spec.validationRules[0].fieldValidations[0].name: is missing")]
    [InlineData("targetNamespaceSelector: {matchExpressions: [{key: a, operator: Like}]}", "spec.validationRules[0].targetNamespaceSelector: ")]
    public async Task A_mistake_is_refused_with_its_place(string rule, string says)
    {
        var answer = await CreateAsync($"mistake-{Guid.NewGuid():n}", $"{{sourceNamespace: x, validationRules: [{{{Settings}, {rule}}}]}}");

        Assert.Equal(422, answer.Code);
        Assert.StartsWith("admission webhook \"vkubetemplatepolicy.kb.io\" denied the request: ", answer.Message, StringComparison.Ordinal);
        Assert.Contains(says, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{name: a, type: glob}", ".type: Unsupported value: \"glob\"")]
    [InlineData("{name: a, type: cel}", ".cel: Required value: is missing, and type cel needs one")]
    [InlineData("{name: a, type: cel, cel: ''}", ".cel: Required value: is missing, and type cel needs one")]
    [InlineData("{name: a, type: regex, fieldPath: a}", ".regex: Required value: is missing, and type regex needs one")]
    [InlineData("{name: a, type: regex, regex: a}", ".fieldPath: Required value: is missing, and only type cel needs none")]
    [InlineData("{name: a, type: range, fieldPath: a, min: 3, max: 2}", ".max: Invalid value: is below min, so that nothing passes")]
    [InlineData("{name: a, type: range, fieldPath: a}", ".min: Required value: type range needs min or max")]
    public async Task What_a_rule_of_the_definition_can_tell_is_refused_without_a_webhook(string check, string says)
    {
        var answer = await CreateAsync($"broken-{Guid.NewGuid():n}", $"{{sourceNamespace: x, validationRules: [{{{Settings}, fieldValidations: [{check}]}}]}}");

        Assert.Equal(422, answer.Code);
        Assert.StartsWith("KubeTemplatePolicy.kubetemplater.io \"broken-", answer.Message, StringComparison.Ordinal);
        Assert.Contains($"spec.validationRules[0].fieldValidations[0]{says}", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once_each_as_a_cause_of_its_field()
    {
        var refusal = await Assert.ThrowsAsync<ApiException>(() => admitted.Running.Client.CreateAsync(
            KubeTemplatePolicy.Resource,
            Policy(OperatorUnderTest.OperatorNamespace, "mistakes", $"{{sourceNamespace: NoName, validationRules: [{{kind: '', group: '', version: '', targetNamespaces: []}}, {{{Settings}, rule: ')'}}]}}"),
            cancellationToken: Patience));

        Assert.Equal(
            ["spec.sourceNamespace", "spec.validationRules[0].kind", "spec.validationRules[0].version", "spec.validationRules[1].rule"],
            refusal.Status.Details!.Causes!.Select(cause => cause.Field));
        Assert.Equal(("KubeTemplatePolicy", "mistakes", "Invalid"), (refusal.Status.Details.Kind, refusal.Status.Details.Name, refusal.Reason));
    }

    [Fact]
    public async Task A_second_policy_for_a_namespace_is_refused_with_the_name_of_the_first()
    {
        const string Spec = $"{{sourceNamespace: one-only, validationRules: [{{{Settings}}}]}}";
        (await CreateAsync("first", Spec)).IsAccepted();
        (await CreateAsync("other", $"{{sourceNamespace: another, validationRules: [{{{Settings}}}]}}")).IsAccepted();

        var second = await CreateAsync("second", Spec);
        var moved = await PatchAsync("other", """{"spec":{"sourceNamespace":"one-only"}}""");

        Assert.All((Answer[])[second, moved], answer => Assert.Equal(
            (422, "admission webhook \"vkubetemplatepolicy.kb.io\" denied the request: spec.sourceNamespace: KubeTemplatePolicy kubetemplater-system/first governs namespace one-only already, and exactly one may"),
            (answer.Code, answer.Message)));
        (await PatchAsync("first", """{"spec":{"params":{"limit":1}}}""")).IsAccepted();
        await admitted.Running.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, "first"), cancellationToken: Patience);
        (await CreateAsync("second", Spec)).IsAccepted();
    }

    [Fact]
    public async Task S1_a_policy_outside_the_operators_namespace_is_warned_of_and_does_not_count_as_the_first()
    {
        await admitted.Running.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: tenant}}", Patience);
        const string Spec = $"{{sourceNamespace: tenant, validationRules: [{{{Settings}}}]}}";

        var outside = await CreateAsync("mine", Spec, "tenant");
        var inside = await CreateAsync("tenants", Spec);

        outside.IsAccepted();
        Assert.Equal(["the policy has no effect: only those in namespace kubetemplater-system count"], outside.Warnings);
        inside.IsAccepted();
        Assert.Empty(inside.Warnings);
    }

    [Fact]
    public async Task What_allows_nothing_is_warned_of()
    {
        var answer = await CreateAsync("in-vain", "{sourceNamespace: in-vain, validationRules: [{kind: ConfigMap, group: '', version: v1, targetNamespaces: []}, {kind: Secret, group: '', version: v1, targetNamespaces: [ok, 'team-*', Team_A]}]}");

        answer.IsAccepted();
        Assert.Equal(
            ["spec.validationRules[0]: no target namespaces defined, so that the rule allows nothing", "spec.validationRules[1].targetNamespaces[2]: there can be no namespace of that name"],
            answer.Warnings);
    }

    [Fact]
    public async Task A_policy_with_a_mistake_from_before_may_be_labelled_and_deleted_but_not_made_worse()
    {
        await admitted.Running.Client.DeleteAsync(AdmittedOperator.Configurations, AdmittedOperator.Configuration, cancellationToken: Patience);
        (await CreateAsync("from-before", $"{{sourceNamespace: from-before, validationRules: [{{{Settings}, rule: '('}}]}}")).IsAccepted();
        await admitted.InstallAsync();

        (await PatchAsync("from-before", """{"metadata":{"labels":{"a":"b"},"finalizers":["example.com/hold"]}}""")).IsAccepted();
        Assert.Equal(422, (await PatchAsync("from-before", """{"spec":{"params":{"x":1}}}""")).Code);
        (await PatchAsync("from-before", """{"metadata":{"finalizers":null}}""")).IsAccepted();
        await admitted.Running.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, "from-before"), cancellationToken: Patience);
    }

    private static DynamicObject Policy(string ns, string name, string spec) => Assert.Single(ManifestReader.Read(
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplatePolicy, metadata: {{name: {name}, namespace: {ns}}}, spec: {spec}}}", "policy"));

    private Task<Answer> CreateAsync(string name, string spec, string ns = OperatorUnderTest.OperatorNamespace) =>
        admitted.AnswerAsync(client => client.CreateAsync(KubeTemplatePolicy.Resource, Policy(ns, name, spec), cancellationToken: Patience));

    private Task<Answer> PatchAsync(string name, string patch) => admitted.AnswerAsync(client =>
        client.PatchAsync(KubeTemplatePolicy.Resource, new(OperatorUnderTest.OperatorNamespace, name), PatchType.Merge, Encoding.UTF8.GetBytes(patch), cancellationToken: Patience));
}
