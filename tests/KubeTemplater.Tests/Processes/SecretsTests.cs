using System.Globalization;
using System.Text;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Processes;

/// <summary>What the operator knows of secrets, and whom it tells.</summary>
public sealed class SecretsTests
{
    private const string Theirs = "a-password-of-somebody-else-4711", Ours = "a-password-of-a-template-0815";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S8_the_operator_never_holds_the_Secrets_of_others_and_tells_nobody_the_values_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads the memory of the process as Linux shows it");
        await using var under = await OperatorProcesses.PrepareAsync();
        await under.Cluster.InstallAsync(
            $$"""
            {apiVersion: v1, kind: Secret, metadata: {name: theirs, namespace: shop}, stringData: {password: {{Theirs}} } }
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: secrets, namespace: kubetemplater-system}
            spec:
              sourceNamespace: default
              validationRules:
              - kind: Secret
                group: ""
                version: v1
                targetNamespaces: [default]
                fieldValidations: [{name: short, type: cel, cel: "!has(object.stringData.bad) || int(object.stringData.bad) > 0"}]
            """, Stop);

        // The kind is watched from the first of them on, and one that is changed is put right.
        var program = under.Start("--metrics-bind-address=127.0.0.1:0", "--metrics-secure=false", "--zap-log-level=5");
        await under.Cluster.InstallAsync(Template("good", "password"), Stop);
        await SeeAsync(under, "good", template => template.Status?.ProcessingPhase == Phases.Completed);
        await under.Client.PatchAsync(
            new("", "v1", "Secret", "secrets", true), new("default", "good"), PatchType.Merge, """{"data":{"password":"eA=="}}"""u8.ToArray(), new() { FieldManager = "somebody" }, Stop);
        await SeeAsync(under, "good", template => template.Status?.DriftDetectionCount == 1);
        await under.Cluster.InstallAsync(Template("wrong", "bad"), Stop);
        await SeeAsync(under, "wrong", template => template.Status?.ProcessingPhase == Phases.Failed);

        var memory = Found(program.Id, Theirs, Convert.ToBase64String(Encoding.UTF8.GetBytes(Theirs)), Ours);
        Assert.Equal((0, 0), (memory[0], memory[1]));
        Assert.True(memory[2] > 0, "the search finds nothing at all");

        var told = new StringBuilder(program.Out).Append(program.Err);
        foreach (var template in (await under.Client.ListAsync<KubeTemplate>(new() { Namespace = "default" }, Stop)).Items)
        {
            told.Append(template.Status);
            told.AppendJoin('\n', template.Status!.Conditions!.Select(condition => condition.Message)).Append(template.Status.Status);
        }

        var events = await Eventually.SeeAsync(
            "events of both", async ct => (await under.Client.ListAsync<Capstan.Applying.KubeEvent>(new() { Namespace = "default" }, ct)).Items, all => all.Any(one => one.Reason == "TemplateFailed") && all.Any(one => one.Reason == "DriftCorrected"),
            cancellationToken: Stop);
        told.AppendJoin('\n', events.Select(one => one.Note));
        Assert.Contains("DriftCorrected", string.Concat(events.Select(one => one.Reason)), StringComparison.Ordinal);
        Assert.DoesNotContain(Ours, told.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Ours)), told.ToString(), StringComparison.Ordinal);
    }

    private static string Template(string name, string key) =>
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: {name}, namespace: default}}, spec: {{templates: [{{object: {{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{{key}: {Ours}}}}}}}]}}}}";

    private static Task SeeAsync(OperatorProcesses under, string name, Func<KubeTemplate, bool> holds) =>
        Eventually.SeeAsync(name, ct => under.Client.GetAsync<KubeTemplate>(new("default", name), ct), holds, TimeSpan.FromMinutes(2), Stop);

    /// <summary>How often each text is in what a process has in memory.</summary>
    private static int[] Found(int process, params string[] texts)
    {
        var counts = new int[texts.Length];
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[1 << 20];
        foreach (var range in File.ReadLines($"/proc/{process}/maps").Where(line => line.Contains(" rw", StringComparison.Ordinal)).Select(line => line.Split(' ')[0].Split('-')))
        {
            var (at, end) = (Address(range[0]), Address(range[1]));
            while (at < end)
            {
                memory.Position = at;
                int read;
                try
                {
                    read = memory.Read(buffer, 0, (int)Math.Min(buffer.Length, end - at));
                }
                catch (IOException)
                {
                    // Reserved, and not there.
                    break;
                }

                for (var i = 0; i < texts.Length; i++)
                {
                    counts[i] += buffer.AsSpan(0, read).Count(Encoding.UTF8.GetBytes(texts[i])) + buffer.AsSpan(0, read).Count(Encoding.Unicode.GetBytes(texts[i]));
                }

                at += Math.Max(read, 1);
            }
        }

        return counts;

        static long Address(string hex) => long.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
