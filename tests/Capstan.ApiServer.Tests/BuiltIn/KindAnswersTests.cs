using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.BuiltIn;

/// <summary>What a real kube-apiserver 1.36 answered to objects of each kind, most of them with mistakes: code, causes and warnings, letter by letter.</summary>
/// <remarks>
/// Answers/KIND.jsonl has one request per line, in order, each with its answer; <c>${ns}</c> is the namespace, <c>${id}</c> a tag. A message with <c>&lt;</c> and <c>&gt;</c>
/// around a word has something in that place that differs each time. <c>differs</c> says why an answer of ours is another, and is not compared.
/// </remarks>
public class KindAnswersTests(TestServer server) : IClassFixture<TestServer>
{
    public static TheoryData<string> Kinds =>
    [
        .. typeof(KindAnswersTests).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".jsonl", StringComparison.Ordinal)).Select(n => n.Split('.')[^2]).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Objects_of_a_kind_are_judged_as_Kubernetes_judges_them(string kind)
    {
        var ns = (await server.NamespaceAsync()).Split('/')[^1];
        using var facts = new StreamReader(typeof(KindAnswersTests).Assembly.GetManifestResourceStream($"Answers.{kind}.jsonl")!);
        List<string> wrong = [];
        var (line, compared) = (0, 0);
        while (await facts.ReadLineAsync(TestContext.Current.CancellationToken) is { } text)
        {
            line++;
            var fact = JsonNode.Parse(text.Replace("${ns}", ns, StringComparison.Ordinal).Replace("${id}", $"x{kind}", StringComparison.Ordinal))!;
            var method = (string)fact["method"]!;
            var answer = await server.SendAsync(new HttpMethod(method), (string)fact["path"]!, fact["body"]?.ToJsonString(), method == "PATCH" ? TestServer.MergePatch : "application/json");
            if (fact["differs"] is not null)
            {
                continue;
            }

            compared++;
            var (expected, actual) = (Lines((int)fact["code"]!, fact["causes"], fact["warnings"]), Lines((int)answer.Code, Causes(answer), new JsonArray([.. answer.Warnings.Select(w => JsonValue.Create(w))])));
            if (!Same(expected, actual))
            {
                wrong.Add($"line {line}: {text[..Math.Min(text.Length, 240)]}\n  want {string.Join("\n       ", expected)}\n  have {string.Join("\n       ", actual)}");
            }
        }

        Assert.True(compared > 3, $"only {compared} answers were compared");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static JsonArray Causes(Answer answer) => (int)answer.Code != 422 ? [] :
        new([.. answer.Json["details"]!["causes"]!.AsArray().Select(c => new JsonArray((string?)c!["reason"], (string?)c["field"], (string?)c["message"]))]);

    private static List<string> Lines(int code, JsonNode? causes, JsonNode? warnings) =>
        [$"{code}", .. (causes as JsonArray ?? []).Select(c => string.Join(" | ", c!.AsArray().Select(p => (string?)p))), .. (warnings as JsonArray ?? []).Select(w => (string)w!)];

    // What a map has comes in no order in Kubernetes: lines are compared as a set that counts.
    private static bool Same(List<string> expected, List<string> actual)
    {
        if (expected.Count != actual.Count)
        {
            return false;
        }

        var left = actual.ToList();
        return expected.All(e => left.FindIndex(a => Matches(e, a)) is var at && at >= 0 && Removed(left, at));
    }

    private static bool Removed(List<string> lines, int at)
    {
        lines.RemoveAt(at);
        return true;
    }

    private static bool Matches(string expected, string actual)
    {
        var parts = expected.Split(["<time>", "<uid>", "<ip>", "<rv>"], StringSplitOptions.None);
        var at = 0;
        foreach (var (part, i) in parts.Select((p, i) => (p, i)))
        {
            var found = actual.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0 || (i == 0 && found != 0))
            {
                return false;
            }

            at = found + part.Length;
        }

        return parts.Length > 1 || expected == actual;
    }
}
