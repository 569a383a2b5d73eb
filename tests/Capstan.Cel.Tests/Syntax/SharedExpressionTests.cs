using System.Text.Json.Nodes;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

public class SharedExpressionTests
{
    /// <summary>A fact of TestListsCost whose expression lost its closing bracket on the way here.</summary>
    private const string CutShort = "[timestamp('2011-01-01T00:00:00.000+01:00'), timestamp('2011-01-02T00:00:00.000+01:00'), .max()";

    private static readonly SyntaxOptions _specWithoutMacros = SyntaxOptions.Spec with { Macros = MacroTable.Empty };

    [Fact]
    public void Conformance_suite_parses()
    {
        var cases = SharedExpressions.Spec();
        Assert.Equal(2456, cases.Count);

        Assert.Empty(cases.Select(c => (c.Id, c.Expression, Result: CelParser.Parse(c.Expression, OptionsOf(c))))
            .Where(c => c.Result.Ast is null)
            .Select(c => $"{c.Id}: {IssueText.Of(c.Result.Source, c.Result.Issues)}"));
    }

    [Fact]
    public void Conformance_suite_prints_as_what_it_was()
    {
        var cases = SharedExpressions.Spec();

        Assert.Empty(cases.Select(c => RoundTrip.Failure(c.Expression, OptionsOf(c))).OfType<string>());
    }

    [Fact]
    public void Kubernetes_expressions_parse_but_for_those_that_are_to_be_rejected()
    {
        var texts = SharedExpressions.Kubernetes();
        Assert.InRange(texts.Count, 1000, int.MaxValue);
        var rejected = texts.Select(t => (t.Expression, Expected: t.Case.ToJsonString(), Result: CelParser.Parse(t.Expression)))
            .Where(t => t.Result.Ast is null && t.Expression != CutShort).ToList();

        Assert.All(rejected, t => Assert.True(
            t.Expected.Contains("error_contains", StringComparison.Ordinal), $"{IssueText.Of(t.Result.Source, t.Result.Issues)}\n{t.Expected}"));
        Assert.Equal(14, rejected.Count);
    }

    [Fact]
    public void Kubernetes_syntax_errors_are_worded_as_expected()
    {
        var expected = SharedExpressions.Kubernetes()
            .SelectMany(t => ErrorsOf(t.Case["expect"]?["error_contains"]).Where(IsAboutSyntax).Select(e => (t.Expression, Error: e))).ToList();

        Assert.InRange(expected.Count, 10, 100);
        Assert.All(expected, t => Assert.Contains(
            CelParser.Parse(t.Expression).Issues, i => i.Message.Contains(t.Error, StringComparison.Ordinal)));
    }

    [Fact]
    public void Kubernetes_expressions_print_as_what_they_were() =>
        Assert.Empty(SharedExpressions.Kubernetes().Select(e => RoundTrip.Failure(e.Expression, SyntaxOptions.Kubernetes)).OfType<string>());

    private static SyntaxOptions OptionsOf(SharedExpressions.SpecCase c) => c.DisablesMacros ? _specWithoutMacros : SyntaxOptions.Spec;

    private static IEnumerable<string> ErrorsOf(JsonNode? expected) => expected switch
    {
        JsonArray many => many.Select(e => (string)e!),
        JsonValue one => [(string)one!],
        _ => [],
    };

    private static bool IsAboutSyntax(string error) =>
        error.StartsWith("Syntax error", StringComparison.Ordinal) || error.StartsWith("duplicate variable", StringComparison.Ordinal)
        || error.StartsWith("iteration variable", StringComparison.Ordinal) || error.StartsWith("argument must be", StringComparison.Ordinal);
}
