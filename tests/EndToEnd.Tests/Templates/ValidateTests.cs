using System.Text.Json.Nodes;
using Capstan.Tool;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Templates;

/// <summary><c>capstan template validate</c>, as CI runs it: no cluster, lines with places, an exit code.</summary>
public sealed class ValidateTests : IDisposable
{
    private const string Policy = """
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplatePolicy
        metadata: {name: blue, namespace: kubetemplater-system}
        spec:
          sourceNamespace: blue
          validationRules:
          - kind: ConfigMap
            group: ""
            version: v1
            targetNamespaces: [blue]
            fieldValidations:
            - {name: team, type: required, fieldPath: metadata.labels.team, message: say whose it is}
          - {kind: '*', group: 'example.com', version: '*', targetNamespaces: [blue]}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-validate-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_violation_is_a_line_with_its_place_and_the_exit_code_is_1()
    {
        Write("policies/blue.yaml", Policy);
        Write("templates/good.yaml", Template("good", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {team: blue}}}"));
        Write("templates/below/bad.yaml", $"""
            # A comment first.
            {Template("first", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {team: blue}}}")}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata:
              name: second
              namespace: blue
            spec:
              templates:
              - object:
                  apiVersion: v1
                  kind: ConfigMap
                  metadata:
                    name: without-team
              - replace: true
                object:
                  apiVersion: v1
                  kind: Secret
                  metadata: {Braced("name: s")}
            """);

        var (code, text, error) = await RunAsync("-f", "templates", "--policy", "policies");

        Assert.Equal((ExitCodes.CannotRun, ""), (code, error));
        Assert.Equal(
            [
                "templates/below/bad.yaml:11:5: error: KubeTemplate blue/second: template[0] ConfigMap blue/without-team: fieldValidation (team): say whose it is",
                "templates/below/bad.yaml:17:5: error: KubeTemplate blue/second: template[1] Secret blue/s: resource type v1 Secret is not allowed by policy kubetemplater-system/blue",
                "3 templates and 1 policy: 2 errors, 0 warnings",
            ],
            text.Split('\n'));
    }

    [Fact]
    public async Task A_field_of_another_type_is_told_with_its_place()
    {
        Write("all.yaml", $"{Policy}\n---\n{Template("shop", "{apiVersion: v1, kind: ConfigMap, metadata: {name: s}}").Replace("{object", "\n{replace: maybe, object", StringComparison.Ordinal)}");

        var (code, text, _) = await RunAsync("-f", "all.yaml");

        Assert.Equal((ExitCodes.CannotRun, "all.yaml:16:2: error: KubeTemplate: spec.templates[0].replace: is of another type than the kind gives it\n0 templates and 1 policy: 1 error, 0 warnings"), (code, text));
    }

    [Fact]
    public async Task What_is_allowed_exits_with_0_and_standard_input_and_a_default_namespace_do()
    {
        Write("policy.yaml", Policy);
        var template = Template("good", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {team: blue}}}").Replace(", namespace: blue", "", StringComparison.Ordinal);

        var (code, text, error) = await RunAsync(template, "-f", "-", "--policy", "policy.yaml", "-n", "blue");

        Assert.Equal((ExitCodes.Done, "1 template and 1 policy: 0 errors, 0 warnings", ""), (code, text, error));
        (code, text, _) = await RunAsync(template, "-f", "-", "--policy", "policy.yaml", "-n", "red");
        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.StartsWith("standard input:1:1: error: KubeTemplate red/good: no KubeTemplatePolicy found for source namespace red among the files", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_are_judged_with_the_place_of_the_mistake()
    {
        Write("policies.yaml", Policy.Replace("{name: team, type: required, fieldPath: metadata.labels.team, message: say whose it is}", """
            name: shape
                  type: regex
                  fieldPath: metadata.name
                  regex: 'a(b'
            """, StringComparison.Ordinal) + "\n---\n" + Policy.Replace("name: blue", "name: more", StringComparison.Ordinal));

        var (code, text, _) = await RunAsync("-f", "policies.yaml");

        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Contains("policies.yaml:15:7: error: KubeTemplatePolicy kubetemplater-system/blue: spec.validationRules[0].fieldValidations[0].regex: error parsing regexp: missing closing ): `a(b`, at character 2", text, StringComparison.Ordinal);
        Assert.Contains("error: KubeTemplatePolicy kubetemplater-system/more: spec.sourceNamespace: KubeTemplatePolicy kubetemplater-system/blue governs namespace blue already", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_kinds_have_a_namespace_is_told_by_definitions_and_flags_and_asked_for_otherwise()
    {
        Write("all.yaml", $"{Policy}\n---\n{Template("shop", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: s}}")}");
        Write("crd.yaml", "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: shops.example.com}, spec: {group: example.com, scope: Cluster, names: {kind: Shop, plural: shops}}}");

        var unknown = await RunAsync("-f", "all.yaml");
        var named = await RunAsync("-f", "all.yaml", "--namespaced", "Shop.example.com");
        var defined = await RunAsync("-f", "all.yaml", "crd.yaml");

        Assert.Equal(ExitCodes.Done, unknown.Code);
        Assert.StartsWith("warning: nobody here knows whether Shop.example.com has a namespace", unknown.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Done, "1 template and 1 policy: 0 errors, 0 warnings"), (named.Code, named.Out));
        Assert.Equal(ExitCodes.CannotRun, defined.Code);
        Assert.Contains("is not allowed by policy kubetemplater-system/blue, which would have to name it in full", defined.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_of_namespaces_come_from_their_manifests()
    {
        Write("all.yaml", $"{Policy.Replace("targetNamespaces: [blue]}", "targetNamespaces: [], targetNamespaceSelector: {matchLabels: {env: test}}}", StringComparison.Ordinal)}\n---\n"
            + Template("shop", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: s, namespace: elsewhere}}"));
        Write("namespaces.yaml", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: elsewhere, labels: {env: test}}}]}");

        var without = await RunAsync("-f", "all.yaml", "--namespaced", "Shop.example.com");
        var with = await RunAsync("-f", "all.yaml", "-f", "namespaces.yaml", "--namespaced", "Shop.example.com");

        Assert.Equal(ExitCodes.CannotRun, without.Code);
        Assert.Contains("warning: the policy asks for labels of namespace elsewhere, which is not among the files", without.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Done, "1 template and 1 policy: 0 errors, 0 warnings"), (with.Code, with.Out));
    }

    [Fact]
    public async Task For_programs_it_is_json()
    {
        Write("all.json", """
            {"apiVersion": "v1", "kind": "List", "items": [
            	{"apiVersion": "kubetemplater.io/v1alpha1", "kind": "KubeTemplate", "metadata": {"name": "shop", "namespace": "blue"}, "spec": {"templates": [{"object": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}}]}}]}
            """);
        Write("policy.yaml", Policy);

        var (code, text, _) = await RunAsync("-f", "all.json", "--policy", "policy.yaml", "-o", "json");
        var json = JsonNode.Parse(text)!;

        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Equal((false, 1, 1), ((bool)json["valid"]!, (int)json["templates"]!, (int)json["policies"]!));
        var finding = Assert.Single(json["findings"]!.AsArray())!;
        Assert.Equal(("error", "all.json", "KubeTemplate blue/shop"), ((string?)finding["severity"], (string?)finding["file"], (string?)finding["object"]));
        Assert.StartsWith("template[0] Secret blue/s: ", (string?)finding["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_one_line_and_1_and_a_wrong_command_line_2()
    {
        Write("broken.yaml", "a: [\n");
        Write("other.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");

        Assert.Equal((1, "", "capstan: none.yaml: no such file or directory"), await RunAsync("-f", "none.yaml"));
        Assert.StartsWith("capstan: broken.yaml:", (await RunAsync("-f", "broken.yaml")).Error, StringComparison.Ordinal);
        Assert.Equal((1, "", "capstan: there is no KubeTemplate and no KubeTemplatePolicy in these files"), await RunAsync("-f", "other.yaml"));
        Assert.Equal(2, (await RunAsync()).Code);
        Assert.Equal((2, "", "capstan: standard input can be read once: one - only (see 'capstan template validate --help')"), await RunAsync("-f", "-", "--policy", "-"));
        var help = await RunAsync("--help");
        Assert.Equal(0, help.Code);
        Assert.Contains("capstan template validate -f templates/ --policy policies/", help.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Template(string name, string manifest) =>
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: {name}, namespace: blue}}, spec: {{templates: [{{object: {manifest}}}]}}}}";

    private static string Braced(string content) => $"{{{content}}}";

    private void Write(string path, string text)
    {
        var file = Path.Combine(_directory.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments) =>
        arguments is [['{', ..] input, .. var rest] ? RunWithAsync(input, rest) : RunWithAsync("", arguments);

    private async Task<(int Code, string Out, string Error)> RunWithAsync(string input, string[] arguments)
    {
        await using var process = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["template", "validate", .. arguments], directory: _directory.FullName, input: input);
        var code = await process.ExitAsync(Patience, Stop);
        return (code, process.Out, process.Err);
    }
}
