using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary><c>capstan local</c> and kubectl: what is wrong with a template or a policy is told by <c>kubectl apply</c>, and not only afterwards in a status.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Forbidden = "template[0] Secret default/not-allowed: resource type v1 Secret is not allowed by policy kubetemplater-system/default";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-admission-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubectl_apply_is_told_what_is_wrong_and_the_samples_still_show_a_template_that_failed()
    {
        await using var local = await StartAsync("--samples");
        var kubectl = NewKubectl();

        (await kubectl.TryWithAsync(Template("bad", "{apiVersion: v1, kind: Secret, metadata: {name: not-allowed}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: away, namespace: kube-system}}"), "apply", "-f", "-"))
            .Refused(Forbidden)
            .Refused("template[1] ConfigMap kube-system/away: namespace kube-system is not in the allowed target namespaces (default)");
        Assert.Equal("", await kubectl.DoAsync("get", "kubetemplate", "bad", "--ignore-not-found"));

        var warned = await kubectl.TryWithAsync(Template("warned", "{apiVersion: v1, kind: ConfigMap, metadata: {name: w}}", more: ", replace: true"), "apply", "-f", "-");
        Assert.Contains("Warning: template[0] ConfigMap default/w: replace is enabled", warned.Success().Err, StringComparison.Ordinal);
        (await kubectl.TryWithAsync(
            """
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: broken, namespace: kubetemplater-system}
            spec: {sourceNamespace: broken, validationRules: [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [broken], rule: "object.metadata.name ="}]}
            """,
            "apply", "-n", "kubetemplater-system", "-f", "-")).Refused("spec.validationRules[0].rule").Refused("<input>:1:22");

        await local.LineAsync(line => line.Contains($"default/forbidden Failed 0/1 Error: {Forbidden}", StringComparison.Ordinal), Patience, Stop);
        await kubectl.DoAsync("label", "kubetemplate", "forbidden", "a=b");
        await kubectl.DoAsync("delete", "kubetemplate", "forbidden");
    }

    [Fact]
    public async Task With_a_data_directory_a_run_that_was_killed_leaves_nothing_that_refuses()
    {
        await using (var killed = await StartAsync("--data-dir", "data", "--samples"))
        {
            killed.Signal(9);
            await killed.ExitAsync(Patience, Stop);
        }

        var kubectl = NewKubectl();
        await using (var none = await StartAsync("--data-dir", "data", "--operators", "none"))
        {
            await kubectl.DoWithAsync(Template("meanwhile", "{apiVersion: v1, kind: Secret, metadata: {name: not-allowed}}"), "apply", "-f", "-");
        }

        await using var again = await StartAsync("--data-dir", "data", "--samples");
        (await kubectl.TryWithAsync(Template("bad", "{apiVersion: v1, kind: Secret, metadata: {name: not-allowed}}"), "apply", "-f", "-")).Refused(Forbidden);
    }

    [Fact]
    public async Task With_admission_off_a_bad_template_is_stored_and_fails()
    {
        await using var local = await StartAsync("--samples", "--admission", "off");
        var kubectl = NewKubectl();

        await kubectl.DoWithAsync(Template("bad", "{apiVersion: v1, kind: Secret, metadata: {name: not-allowed}}"), "apply", "-f", "-");
        await local.LineAsync(line => line.Contains($"default/bad Failed 0/1 Error: {Forbidden}", StringComparison.Ordinal), Patience, Stop);
        Assert.Equal("", await kubectl.DoAsync("get", "validatingwebhookconfigurations", "-o", "name"));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Template(string name, string first, string? second = null, string more = "") =>
        $"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {Braced($"name: {name}")}
        spec:
          templates:
          - {Braced($"object: {first}{more}")}
        """ + (second is null ? "" : $"\n  - {Braced($"object: {second}")}");

    private static string Braced(string content) => $"{{{content}}}";

    private async Task<RunningProcess> StartAsync(params string[] arguments)
    {
        var local = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "kubetemplater", "--pods", "none", .. arguments], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }

    private Kubectl NewKubectl()
    {
        var program = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(program.Path is null, program.SkipReason ?? "");
        return new(program.Path!, Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), _directory.FullName, "default");
    }
}
