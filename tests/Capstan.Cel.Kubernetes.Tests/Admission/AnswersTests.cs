using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan.Cel.Kubernetes.Admission;
using Capstan.Cel.Kubernetes.Tests.Facts;

namespace Capstan.Cel.Kubernetes.Tests.Admission;

/// <summary>Policies and inputs that the admission code of Kubernetes was asked about: the committed answers are what it said.</summary>
public sealed partial class AnswersTests
{
    private static readonly JsonNode File = JsonNode.Parse(
        System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Admission", "kubernetes-answers.json")))!;

    public static IEnumerable<ITheoryDataRow> Cases() =>
        File["cases"]!.AsArray().Select((c, i) => new TheoryDataRow<int>(i) { Label = (string)c!["name"]! });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Policies_say_what_Kubernetes_says(int index)
    {
        var asked = File["cases"]![index]!;
        var source = Source(asked["policy"]!);
        var input = Input(File["inputs"]![(string)asked["input"]!]!);
        var budget = (long?)asked["budget"] ?? CelBudgets.Policy;
        var results = Results(source, input, budget, out var remaining);
        var verdict = AdmissionPolicy.Compile(source).Evaluate(input, budget, TestContext.Current.CancellationToken);
        var decisions = verdict.Decisions.Select(d =>
            $"{(d.IsAdmitted ? "admit" : "deny")}|{d.Outcome.ToString().ToLowerInvariant()}|{d.Reason}|{d.Message}");
        var annotations = verdict.AuditAnnotations.Select(a =>
            $"{a.Key}|{(a.Value is not null ? "publish" : a.Error is null || source.IgnoresFailures ? "exclude" : "error")}|{a.Value}|{a.Error}");
        var match = asked["match"];
        var wrong = Differences(Strings(asked, "results"), results)
            .Concat(Differences(Strings(asked, "decisions"), decisions))
            .Concat(Differences(Strings(asked, "audit"), annotations))
            .Concat(Differences([$"remaining {asked["remaining"]}"], [$"remaining {remaining}"]))
            .Concat(Differences([(string?)match?["failed"] ?? ""], [verdict.FailedCondition ?? ""]))
            .Concat((match is null || match["error"] is not null || (bool)match["matches"]!) == verdict.Matches ? [] : [$"matches: {verdict.Matches}"]);
        Assert.True(!wrong.Any(), $"{string.Join('\n', wrong)}\n{asked["policy"]!.ToJsonString()}");
    }

    private static IEnumerable<string> Differences(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var (wanted, got) = (expected.Select(Uniform).ToList(), actual.Select(Uniform).ToList());
        return wanted.Count != got.Count ? [$"expected {wanted.Count}, got {got.Count}: {string.Join("; ", got)}"]
            : wanted.Zip(got).Where(pair => pair.First != pair.Second).Select(pair => $"expected {pair.First}\n     got {pair.Second}");
    }

    private static List<string> Results(AdmissionPolicySource source, AdmissionInput input, long budget, out long remaining)
    {
        var variables = VariableSet.Compile(AdmissionEnvironment.Of(KubernetesEnvironment.Default, source.HasParams), source.Variables);
        var set = ExpressionSet.Compile(variables, source.Validations.Select(v => new NamedExpression("", v.Expression)), CelType.Bool);
        var results = set.Evaluate(AdmissionEnvironment.Values(input, source.HasParams), budget, TestContext.Current.CancellationToken);
        remaining = results.RemainingBudget;
        return [.. results.Results.Select(r => r.Error ?? r.Value.ToString())];
    }

    private static AdmissionPolicySource Source(JsonNode policy) => new()
    {
        HasParams = (bool?)policy["hasParams"] ?? false,
        IgnoresFailures = (string?)policy["failurePolicy"] == "Ignore",
        Variables = [.. Items(policy, "variables").Select(v => new NamedExpression((string)v["name"]!, (string)v["expression"]!))],
        MatchConditions = [.. Items(policy, "matchConditions").Select(v => new NamedExpression((string)v["name"]!, (string)v["expression"]!))],
        AuditAnnotations = [.. Items(policy, "auditAnnotations").Select(v => new NamedExpression((string)v["key"]!, (string)v["valueExpression"]!))],
        Validations =
        [
            .. Items(policy, "validations").Select(v => new AdmissionValidation((string)v["expression"]!)
            {
                Message = (string?)v["message"],
                MessageExpression = (string?)v["messageExpression"],
                Reason = (string?)v["reason"] ?? "Invalid",
            }),
        ],
    };

    private static AdmissionInput Input(JsonNode input) => new()
    {
        Object = FactValue.Of(input["object"]),
        OldObject = FactValue.Of(input["oldObject"]),
        Params = FactValue.Of(input["params"]),
        Request = FactValue.Of(input["request"]),
        Namespace = FactValue.Of(input["namespaceObject"]),
    };

    private static IEnumerable<JsonNode> Items(JsonNode node, string list) => node[list]?.AsArray().Select(item => item!) ?? [];

    private static List<string> Strings(JsonNode asked, string list) =>
        [.. Items(asked, list).Select(item => item is JsonArray parts ? string.Join('|', parts.Select(p => (string)p!)) : item.ToString())];

    // ANTLR's words for what it expected, and the arguments of a call that has no overload, are no promise.
    private static string Uniform(string text) => Overload().Replace(SyntaxError().Replace(text, "Syntax error"), "no such overload");

    [GeneratedRegex("Syntax error: .*")]
    private static partial System.Text.RegularExpressions.Regex SyntaxError();

    [GeneratedRegex(@"no such overload: .*")]
    private static partial System.Text.RegularExpressions.Regex Overload();
}
