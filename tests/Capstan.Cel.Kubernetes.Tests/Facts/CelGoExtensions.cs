using System.Text.Json.Nodes;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Judges the facts of cel-go's extension libraries, which are of their newest versions: newer than what Kubernetes has of strings.</summary>
internal static class CelGoExtensions
{
    public static CelEnvironment Newest { get; } = CelEnvironment.Create()
        .WithChecking(_ => new())
        .With(
            CelLibraries.CrossTypeNumbers, CelLibraries.Optionals, CelLibraries.StringsUpTo4, CelLibraries.Lists, CelLibraries.Sets,
            CelLibraries.TwoVariableComprehensions, CelLibraries.Math, CelLibraries.Encoders, CelLibraries.Bindings)
        .WithType(new CelObjectType("ExampleType", [KeyValuePair.Create("name", CelType.String)]));

    public static string? Judge(JsonNode file, JsonNode fact) =>
        (bool?)fact["parse_only"] ?? false ? Unchecked(fact) : LibraryFacts.Outcome(Newest, fact);

    // Calls that no overload fits are evaluated as they are parsed.
    private static string? Unchecked(JsonNode fact)
    {
        var parsed = CelParser.Parse((string)fact["expr"]!, Newest.Syntax);
        return parsed.Ast is null
            ? FactExpectation.JudgeError(fact["expect"]!, "compile", string.Join('\n', parsed.Issues.Select(issue => issue.Message)))
            : FactExpectation.Judge(
                fact["expect"]!, Lowering.Lower(parsed.Ast, new EvalScope(Newest.Functions, [])).Evaluate([]).Value);
    }
}
