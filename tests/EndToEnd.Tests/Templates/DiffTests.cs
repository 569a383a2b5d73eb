using System.CommandLine;
using Capstan.Tool;
using Capstan.Tool.Templates;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Templates;

/// <summary><c>capstan template diff</c> over a cluster where the operator has worked.</summary>
[Collection(WithKubeTemplater.Name)]
public sealed class DiffTests(KubeTemplaterFixture operators, ClusterFixture cluster) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-diff-");

    [Fact]
    public async Task Only_what_an_apply_would_change_is_shown_and_nothing_is_written()
    {
        var kubectl = await operators.KubectlAsync();
        var file = await TemplateAsync("""
            - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast, size: small}}
            - object:
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
            """);
        await kubectl.DoAsync("apply", "-f", file);
        await kubectl.DoAsync("wait", "kubetemplate/shop", "--for=jsonpath={.status.processingPhase}=Completed", "--timeout=60s");
        await operators.StopAsync();

        Assert.Equal((ExitCodes.Done, "", ""), await DiffAsync("-f", file, "-n", kubectl.Namespace));
        Assert.Equal((ExitCodes.Done, "", ""), await DiffAsync("shop", "-n", kubectl.Namespace));

        var changed = await TemplateAsync("""
            - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: slow, size: small}}
            - object:
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
            - object: {apiVersion: v1, kind: Secret, metadata: {name: key}, stringData: {password: hunter2}}
            """);
        var (code, output, error) = await DiffAsync("-f", changed, "-n", kubectl.Namespace);
        Assert.Equal((ExitCodes.Differs, ""), (code, error));
        Assert.StartsWith($"--- live/v1.ConfigMap.{kubectl.Namespace}.settings\n+++ wanted/v1.ConfigMap.{kubectl.Namespace}.settings\n@@ -", output, StringComparison.Ordinal);
        Assert.Contains("\n-  mode: fast\n+  mode: slow\n   size: small\n", output, StringComparison.Ordinal);
        Assert.Contains($"--- live/v1.Secret.{kubectl.Namespace}.key\n", output, StringComparison.Ordinal);
        Assert.Contains("\n+  password: '***'\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Service", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", output, StringComparison.Ordinal);
        Assert.Equal("fast", await kubectl.FieldAsync("configmap", "settings", ".data.mode"));

        // What somebody changed is what the operator would change back.
        await kubectl.DoAsync("patch", "configmap/settings", "--type=merge", "-p", """{"data":{"mode":"odd"}}""");
        (code, output, _) = await DiffAsync("shop", "-n", kubectl.Namespace);
        Assert.Equal(ExitCodes.Differs, code);
        Assert.Contains("fields that others have taken would be taken back\n", output, StringComparison.Ordinal);
        Assert.Contains("\n-  mode: odd\n+  mode: fast\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_told_and_the_rest_is_compared()
    {
        var kubectl = await operators.KubectlAsync();
        var file = await TemplateAsync("""
            - object: {apiVersion: example.com/v1, kind: Nothing, metadata: {name: a}}
            - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {a: b}}
            """);
        var (code, output, error) = await DiffAsync("-f", file, "-n", kubectl.Namespace);
        Assert.Equal(ExitCodes.CannotCompare, code);
        Assert.Contains("the API server serves no Nothing in example.com/v1", error, StringComparison.Ordinal);
        Assert.Contains("+++ wanted/v1.ConfigMap.", output, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.CannotCompare, (await DiffAsync("-f", Path.Combine(_directory.FullName, "nowhere.yaml"), "-n", kubectl.Namespace)).Code);
        Assert.Equal(ExitCodes.CannotCompare, (await DiffAsync("nowhere", "-n", kubectl.Namespace)).Code);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string> TemplateAsync(string entries)
    {
        var file = Path.Combine(_directory.FullName, "shop.yaml");
        await File.WriteAllTextAsync(file, $"apiVersion: kubetemplater.io/v1alpha1\nkind: KubeTemplate\nmetadata: {{name: shop}}\nspec:\n  templates:\n  {entries.Replace("\n", "\n  ", StringComparison.Ordinal)}\n", TestContext.Current.CancellationToken);
        return file;
    }

    private async Task<(int Code, string Output, string Error)> DiffAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var parsed = TemplateCommand.Create(new Dictionary<Command, string>()).Parse(["diff", .. arguments, "--kubeconfig", cluster.Kubeconfig]);
        Assert.Empty(parsed.Errors);
        return (await parsed.InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false }), output.ToString(), error.ToString());
    }
}
