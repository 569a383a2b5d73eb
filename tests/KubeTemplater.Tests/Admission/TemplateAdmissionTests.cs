using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Admission;

/// <summary>What is asked of the webhook, what it says, and what nobody may be kept from.</summary>
public sealed class TemplateAdmissionTests(AdmittedOperator admitted) : IClassFixture<AdmittedOperator>
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_violations_of_all_entries_are_told_at_once()
    {
        var ns = await admitted.NamespaceAsync("all", """
            [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [all],
              fieldValidations: [{name: team, type: required, fieldPath: metadata.labels.team}, {name: mode, type: regex, fieldPath: data.mode, regex: ^(fast|slow)$}]}]
            """);

        var answer = await admitted.CreateAsync(ns, """
            {object: {apiVersion: v1, kind: ConfigMap, metadata: {name: good, labels: {team: blue}}, data: {mode: fast}}},
            {object: {apiVersion: v1, kind: ConfigMap, metadata: {name: bad}, data: {mode: medium}}},
            {object: {apiVersion: v1, kind: Secret, metadata: {name: s}}},
            {object: {apiVersion: v1, kind: ConfigMap, metadata: {name: away, namespace: elsewhere}}},
            {object: {apiVersion: v1, metadata: {name: nothing}}}
            """);

        answer.IsRefused(
            "template[1] ConfigMap all/bad: fieldValidation (team): metadata.labels.team is required",
            "template[1] ConfigMap all/bad: fieldValidation (mode): data.mode does not match ^(fast|slow)$",
            "template[2] Secret all/s: resource type v1 Secret is not allowed by policy kubetemplater-system/all",
            "template[3] ConfigMap elsewhere/away: namespace elsewhere is not in the allowed target namespaces (all)",
            "template[4]: object has no kind");
        Assert.DoesNotContain("template[0]", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_fifty_entries_are_refused()
    {
        var ns = await admitted.NamespaceAsync("many", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [many]}]");

        (await admitted.CreateAsync(ns, string.Join(", ", Enumerable.Range(0, 50).Select(i => Settings($"c{i}"))))).IsAccepted();
        (await admitted.CreateAsync(ns, string.Join(", ", Enumerable.Range(0, 51).Select(i => Settings($"d{i}"))), "more")).IsRefused("too many templates: 51");
    }

    [Fact]
    public async Task Who_labels_or_releases_or_deletes_a_template_is_not_stopped_by_a_policy_that_is_gone()
    {
        var ns = await admitted.NamespaceAsync("gone", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [gone]}]");
        (await admitted.CreateAsync(ns, Settings("a"))).IsAccepted();
        await admitted.Running.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, "gone"), cancellationToken: Patience);
        await Eventually.SeeAsync(
            "a new spec to be refused", _ => PatchAsync(ns, """{"spec":{"templates":[]}}""", dryRun: true), answer => answer.Message.Contains("no KubeTemplatePolicy found", StringComparison.Ordinal), cancellationToken: Patience);

        foreach (var metadata in (string[])
        [
            """{"metadata":{"labels":{"a":"b"}}}""",
            """{"metadata":{"annotations":{"kubetemplater.io/resume":"true"}}}""",
            """{"metadata":{"finalizers":["example.com/hold"]}}""",
            """{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"11111111-2222-3333-4444-555555555555"}]}}""",
        ])
        {
            (await PatchAsync(ns, metadata)).IsAccepted();
        }

        await admitted.Running.Client.DeleteAsync<KubeTemplate>(new(ns, "shop"), cancellationToken: Patience);
        (await PatchAsync(ns, """{"metadata":{"finalizers":null}}""")).IsAccepted();
        await Eventually.SeeAsync(
            "the template to be gone",
            async token => (await admitted.Running.Client.ListAsync<KubeTemplate>(new() { Namespace = ns }, token)).Items.Count,
            count => count == 0,
            cancellationToken: Patience);
    }

    [Fact]
    public async Task Who_suspends_a_template_is_not_stopped_by_a_policy_that_is_gone_and_who_changes_more_is()
    {
        var ns = await admitted.NamespaceAsync("sleep", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [sleep]}]");
        (await admitted.CreateAsync(ns, Settings("a"))).IsAccepted();
        await admitted.Running.Client.DeleteAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, "sleep"), cancellationToken: Patience);
        await Eventually.SeeAsync(
            "a new spec to be refused", _ => PatchAsync(ns, """{"spec":{"prune":true}}""", dryRun: true), answer => answer.Message.Contains("no KubeTemplatePolicy found", StringComparison.Ordinal), cancellationToken: Patience);

        (await PatchAsync(ns, """{"spec":{"suspend":true}}""")).IsAccepted();
        (await PatchAsync(ns, """{"spec":{"suspend":false,"prune":true}}""")).IsRefused("no KubeTemplatePolicy found");
        (await PatchAsync(ns, """{"spec":{"suspend":null}}""")).IsAccepted();
        (await PatchAsync(ns, """{"spec":{"suspend":true,"templates":[]}}""")).IsRefused("no KubeTemplatePolicy found");
    }

    [Fact]
    public async Task More_violations_than_anybody_reads_are_counted_and_not_all_told()
    {
        var ns = await admitted.NamespaceAsync("loud", $$"""
            [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [loud], fieldValidations: [{{string.Join(", ", Enumerable.Range(0, 20).Select(i => $"{{name: check-{i}, type: required, fieldPath: data.field-{i}}}"))}}]}]
            """);

        var answer = await admitted.CreateAsync(ns, string.Join(", ", Enumerable.Range(0, 50).Select(i => Settings($"c{i}"))));

        answer.IsRefused("template[0] ConfigMap loud/c0: fieldValidation (check-0): data.field-0 is required", " more");
        Assert.InRange(answer.Message.Length, 8000, 8400);
        var told = answer.Message.Split("; ").Length - 1;
        Assert.EndsWith($"; and {50 * 20 - told} more", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expression_sees_the_entry_as_it_was()
    {
        var ns = await admitted.NamespaceAsync("before", """
            [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [before],
              fieldValidations: [{name: grow, type: cel, cel: "oldObject == null || int(object.data.size) >= int(oldObject.data.size)", message: it may not shrink}]}]
            """);
        (await admitted.CreateAsync(ns, Sized("a", 5) + ", " + Sized("b", 7))).IsAccepted();

        // Another place in the list is the same object.
        (await PatchAsync(ns, Spec(ns, Sized("b", 8), Sized("a", 5)))).IsAccepted();
        (await PatchAsync(ns, Spec(ns, Sized("b", 8), Sized("a", 4)))).IsRefused("template[1] ConfigMap before/a: fieldValidation (grow): it may not shrink");
    }

    [Theory]
    [InlineData("Warn", true)]
    [InlineData("Audit", false)]
    public async Task What_is_not_enforced_is_accepted(string enforcement, bool warns)
    {
        var name = enforcement.ToLowerInvariant();
        var ns = await admitted.NamespaceAsync(name, $"[{{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [{name}]}}]", $", enforcement: {enforcement}");
        var answer = await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: Secret, metadata: {name: s}}}");

        answer.IsAccepted();
        Assert.Equal(warns ? [$"template[0] Secret {name}/s: resource type v1 Secret is not allowed by policy kubetemplater-system/{name}"] : [], answer.Warnings);
        (await admitted.CreateAsync(ns, "{object: {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}}}", "power")).IsRefused("would have to name it in full");
    }

    [Fact]
    public async Task R7_many_reviews_at_once_give_each_its_own_answer()
    {
        var ns = await admitted.NamespaceAsync("parallel", """
            [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [parallel],
              fieldValidations: [{name: even, type: regex, fieldPath: metadata.name, regex: '[02468]$'}, {name: same, type: cel, cel: "object.metadata.name == object.data.name"}]}]
            """);

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Patience }, async (i, _) =>
        {
            var answer = await admitted.CreateAsync(ns, $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: n{i}}}, data: {{name: n{i}}}}}}}", $"t{i}", dryRun: true);
            if (i % 2 == 0)
            {
                answer.IsAccepted();
            }
            else
            {
                answer.IsRefused($"template[0] ConfigMap parallel/n{i}: fieldValidation (even)");
            }
        });
    }

    [Fact]
    public async Task R10_a_configuration_that_is_made_anew_is_led_to_the_operator_again()
    {
        var ns = await admitted.NamespaceAsync("anew", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [anew]}]");
        await admitted.Running.Client.DeleteAsync(AdmittedOperator.Configurations, AdmittedOperator.Configuration, cancellationToken: Patience);
        await admitted.InstallAsync();

        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: Secret, metadata: {name: s}}}")).IsRefused("not allowed by policy");
    }

    private static string Settings(string name) => $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}}}";

    private static string Sized(string name, int size) => $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{size: '{size}'}}}}}}";

    private static string Spec(string ns, params string[] entries) => $"{{\"spec\":{AdmittedOperator.Template(ns, "shop", string.Join(", ", entries)).ToJson()["spec"]!.ToJsonString()}}}";

    private Task<Answer> PatchAsync(string ns, string patch, bool dryRun = false) => admitted.AnswerAsync(client =>
        client.PatchAsync(KubeTemplate.Resource, new(ns, "shop"), PatchType.Merge, Encoding.UTF8.GetBytes(patch), new() { DryRun = dryRun }, Patience));
}
