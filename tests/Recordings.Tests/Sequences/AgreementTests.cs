using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Recordings.Tests.Comparing;
using Recordings.Tests.Wire;

namespace Recordings.Tests.Sequences;

/// <summary>The same sequences on a real kube-apiserver, by hand: every answer is compared. It is named by <c>CAPSTAN_TEST_KUBECONFIG</c>.</summary>
public sealed partial class AgreementTests(SequenceTests.Embedded embedded) : IClassFixture<SequenceTests.Embedded>
{
    private const int Steps = 20;
    private const int Streams = 6;

    [Fact]
    public async Task A_real_Kubernetes_answers_the_same_sequences_alike()
    {
        var kubeconfig = Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG");
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), "CAPSTAN_TEST_KUBECONFIG names no real Kubernetes");
        var count = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_SEQUENCES"), CultureInfo.InvariantCulture, out var given) ? given : 500;
        var first = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_FUZZ_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;
        using var real = new ServerUnderTest(kubeconfig!);
        var id = string.Concat(Random.Shared.GetItems("abcdefghijklmnopqrstuvwxyz".AsSpan(), 8));
        var ns = $"written-{id}";
        var disagreements = new ConcurrentDictionary<int, string>();
        try
        {
            await SequenceRun.PrepareAsync(real, ns, id, TestContext.Current.CancellationToken);
            await Parallel.ForEachAsync(
                Enumerable.Range(first, count),
                new ParallelOptions { MaxDegreeOfParallelism = Streams, CancellationToken = TestContext.Current.CancellationToken },
                async (number, stop) =>
                {
                    if (await CompareAsync(real, ns, id, number, stop) is { } difference)
                    {
                        disagreements[number] = difference;
                    }
                });
        }
        finally
        {
            foreach (var path in (string[])[$"/api/v1/namespaces/{ns}", $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.sequences-{id}.capstan.dev"])
            {
                await real.CallAsync(new JsonObject { ["method"] = "DELETE", ["path"] = path }, CancellationToken.None);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{count - disagreements.Count} of {count} sequences of {Steps} steps agree");
        Assert.True(disagreements.IsEmpty, $"{count - disagreements.Count} of {count} sequences agree\n{string.Join("\n\n", disagreements.OrderBy(d => d.Key).Select(d => d.Value))}");
    }

    private async Task<string?> CompareAsync(ServerUnderTest real, string ns, string id, int seed, CancellationToken stop)
    {
        var kind = SequenceKind.All[seed % SequenceKind.All.Count];
        var name = $"o{seed}";
        var sides = new[] { new Side(real, ns, id), new Side(embedded.Server, embedded.Namespace, SequenceTests.Embedded.Id) };
        var number = 0;
        var told = new List<string>();
        foreach (var step in new SequenceGenerator(kind, seed, isWide: true).Steps(Steps))
        {
            number++;
            var answers = await Task.WhenAll(sides.Select(side => side.AnswerAsync(kind, step, name, stop)));
            if (Differences.Between(answers[0], answers[1]).ToList() is { Count: > 0 } differences)
            {
                await Task.WhenAll(sides.Select(side => side.RemoveAsync(kind, name, stop)));
                var before = string.Join("\n    ", told);
                return $"sequence {seed}, {kind.Name}, step {number}: {step}\n  {string.Join("\n  ", differences)}\n  after\n    {before}";
            }

            told.Add($"{(int?)answers[0]!["code"]} {step}");
        }

        await Task.WhenAll(sides.Select(side => side.RemoveAsync(kind, name, stop)));
        return null;
    }

    [GeneratedRegex("""\"\{\\".*\}":""")]
    private static partial Regex QuotedObject();

    private sealed class Side(ServerUnderTest server, string ns, string id)
    {
        private readonly Masking _masking = new([(ns, "ns"), (id, "id")]);
        private string? _version;

        /// <summary>The answer without what only this server has: its own times and names, and what controllers wrote.</summary>
        public async Task<JsonNode?> AnswerAsync(SequenceKind kind, SequenceStep step, string name, CancellationToken stop)
        {
            var answer = await server.CallAsync(step.Request(kind, ns, name, id, _version), stop);
            var isObject = (string?)(answer["body"] as JsonObject)?["kind"] == kind.Name;
            var version = isObject ? (string?)answer["body"]!["metadata"]?["resourceVersion"] : null;
            var changed = version is not null && version != _version;
            _version = version ?? _version;
            foreach (var item in (answer["body"] as JsonObject)?["items"] as JsonArray ?? [])
            {
                Clean(kind, item!.AsObject());
            }

            if (isObject && answer["body"]!["metadata"] is JsonObject)
            {
                Clean(kind, answer["body"]!.AsObject());
                if (!kind.IsControlled)
                {
                    answer["changed"] = changed;
                }
            }

            // A patched object that is quoted stands there in the order in which it was sent.
            if (answer["body"] is JsonObject body && body["message"] is { } message && QuotedObject().IsMatch((string)message!))
            {
                answer["body"] = QuotedObject().Replace((string)message!, "an object:");
            }

            // Kubernetes tells conflicts in no order.
            if ((answer["body"] as JsonObject)?["details"]?["causes"] is JsonArray causes)
            {
                answer["body"]!["details"]!["causes"] = new JsonArray([.. causes.Select(cause => cause!.DeepClone()).OrderBy(cause => cause.ToJsonString(), StringComparer.Ordinal)]);
            }

            return _masking.Of(answer);
        }

        public async Task RemoveAsync(SequenceKind kind, string name, CancellationToken stop)
        {
            var none = new SequenceStep("merge", "end", false, VersionNamed.None, JsonNode.Parse("""{"metadata":{"finalizers":null}}"""));
            await server.CallAsync(none.Request(kind, ns, name, id, null), stop);
            await server.CallAsync(new SequenceStep("delete", "end", false, VersionNamed.None, null).Request(kind, ns, name, id, null), stop);
        }

        private static void Clean(SequenceKind kind, JsonObject body)
        {
            if (kind.IsControlled)
            {
                body.Remove("status");
            }

            foreach (var controller in Invariants.Managers(body).Where(m => (string?)m["manager"] == "kube-controller-manager").ToList())
            {
                body["metadata"]!["managedFields"]!.AsArray().Remove(controller);
            }
        }
    }
}
