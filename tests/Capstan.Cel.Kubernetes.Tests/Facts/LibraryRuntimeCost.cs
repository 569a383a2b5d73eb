using System.Text.Json.Nodes;
using Capstan.Cel.Checking;
using Capstan.Cel.Kubernetes.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Exactly what expressions with calls of libraries cost. These facts are of cel-go without the optimizations that Kubernetes runs it with.</summary>
internal static class LibraryRuntimeCost
{
    private static readonly CelEnvironment Mixed = KubernetesEnvironment.Default.WithChecking(options => options with { HomogeneousLiterals = false })
        .WithVariable("authorizer", AuthorizerFunctions.Authorizer);

    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var parsed = CelParser.Parse((string)fact["expr"]!, Mixed.Syntax);
        if (parsed.Ast is null)
        {
            return string.Join('\n', parsed.Issues);
        }

        var expression = CelChecker.Check(parsed.Ast, Mixed.Checking);
        if (!expression.IsValid)
        {
            return string.Join('\n', expression.Issues);
        }

        var (value, cost) = Lowering.Lower(expression, Mixed.Scope with { FreeConstants = false }).Evaluate([CelValue.Of(new CheckValue(_ => new(true), CheckStep.Authorizer, new()))]);
        var expected = (ulong)fact["runtime_cost"]!;
        return value.IsError ? value.ErrorMessage : cost == expected ? null : $"cost {cost}, expected {expected}";
    }
}
