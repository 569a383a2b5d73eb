using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Rules;

/// <summary>What Kubernetes' own code said of rules over schemas of all shapes: errors of objects, and faults of the rules themselves.</summary>
public sealed class KubernetesRulesTests
{
    private static readonly Lazy<Dictionary<string, JsonNode>> Cases = new(() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Rules", "kubernetes-rules.jsonl")).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(answer => (string)answer["name"]!, StringComparer.Ordinal));

    // Types are named by the time there, and by a number here. What is wrong with a time, and of which function there is no overload, is told in
    // other words.
    private static readonly (System.Text.RegularExpressions.Regex Pattern, string Text)[] Differences =
    [
        (new(@"selfType\d+"), "selfType"),
        (new("(Invalid date(-time)? formatted string [^ ]*).* evaluating"), "$1"),
        (new(@"input byte \d+"), "input byte"),
        (new("no such overload[^']*"), "no such overload"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Names => Cases.Value.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_as_Kubernetes_does(string name)
    {
        var answer = Cases.Value[name];
        var schema = SchemaReader.FromOpenApiV3(answer["schema"]!.AsObject());
        if (answer["faults"] is not null)
        {
            Same(answer["faults"], SchemaRules.Compile(schema).Faults.Select(fault => fault.ToString()));
            return;
        }

        var rules = SchemaRules.Compile(schema, (bool?)answer["root"] ?? false);
        var findings = rules.Validate(
            answer["self"], answer["old"], new() { Path = "root", Budget = (long?)answer["budget"], Ratchet = (bool?)answer["ratchet"] ?? false });
        Same(answer["errors"], findings.Errors.Select(error => $"{error.Reason} {error}"));
        Same(answer["warnings"], findings.Warnings.Select(warning => warning.ToString()));
        var budget = (long?)answer["budget"] ?? SchemaRules.DefaultBudget;
        Assert.Equal((long)answer["cost"]!, findings.RemainingBudget < 0 ? -1 : budget - findings.RemainingBudget);
    }

    // Maps have no order there.
    private static void Same(JsonNode? expected, IEnumerable<string> actual)
    {
        var wanted = (expected as JsonArray ?? []).Select(text => Uniform((string)text!)).ToList();
        var said = actual.Select(Uniform).ToList();
        var missing = string.Concat(wanted.Except(said).Select(text => $"\nKubernetes: {text}"));
        var more = string.Concat(said.Except(wanted).Select(text => $"\nhere:       {text}"));
        Assert.True(missing.Length + more.Length == 0 && wanted.Count == said.Count, $"{missing}{more}\n{wanted.Count} there, {said.Count} here");
    }

    private static string Uniform(string text) => Differences.Aggregate(text, (all, d) => d.Pattern.Replace(all, d.Text));
}
