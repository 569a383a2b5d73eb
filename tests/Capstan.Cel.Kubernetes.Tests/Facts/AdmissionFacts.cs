using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Expressions of admission policies: what compiles, what comes out, and what it costs.</summary>
internal static class AdmissionFacts
{
    /// <summary><c>admission_condition</c>: an expression over what policies see.</summary>
    public static string? JudgeCondition(JsonNode file, JsonNode fact) => Judge(fact, []);

    /// <summary><c>admission_variables</c>: the same with variables of the policy.</summary>
    public static string? JudgeVariables(JsonNode file, JsonNode fact) => Judge(
        fact, [.. fact["variables"]!.AsArray().Select(v => new NamedExpression((string)v!["name"]!, (string)v["expression"]!))]);

    /// <summary><c>admission_compile</c>: whether an expression compiles, and what is said if not.</summary>
    public static string? JudgeCompile(JsonNode file, JsonNode fact)
    {
        // The test of Kubernetes has a function of its own that only stored expressions may use.
        var environment = EnvironmentOf(fact);
        environment = IsStored(fact) ? environment.WithFunction("test", "() -> bool", _ => CelValue.True) : environment;
        var variables = VariableSet.Compile(AdmissionEnvironment.Of(environment, (bool)fact["has_params"]!));
        var faults = ExpressionSet.Compile(variables, [new("", (string)fact["expr"]!)]).Faults.ToArray();
        var expect = fact["expect"]!;
        return (bool)expect["compiles"]! ? faults.FirstOrDefault()?.Message
            : faults.Length == 0 ? "it compiles"
            : FactExpectation.MissingIn(expect, faults[0].Message) is { } piece ? $"lacks '{piece}': {faults[0].Message}"
            : null;
    }

    /// <summary><c>admission_budget</c>: what several expressions leave of a budget.</summary>
    public static string? JudgeBudget(JsonNode file, JsonNode fact)
    {
        // Below 0 stands for the budget of a policy.
        var budget = (long)fact["cost_budget"]!;
        var results = Evaluate(fact, [], fact["exprs"]!.AsArray().Select(e => (string)e!), budget < 0 ? CelBudgets.Policy : budget);
        if ((bool)fact["exceeds_budget"]!)
        {
            return results.Error is null ? $"is within the budget, {results.RemainingBudget} remain" : null;
        }

        if (results.Error is not null)
        {
            return results.Error;
        }

        if (((bool?)fact["exceeds_per_call_limit"] ?? false)
            && !results.Results.Any(r => r.Error?.Contains("actual cost limit exceeded", StringComparison.Ordinal) ?? false))
        {
            return $"no expression is above the limit: {string.Join("; ", results.Results)}";
        }

        return (long?)fact["expect_remaining_budget"] is { } remaining && remaining != results.RemainingBudget
            ? $"{remaining} should remain, {results.RemainingBudget} do" : null;
    }

    private static string? Judge(JsonNode fact, NamedExpression[] variables)
    {
        var budget = (long?)fact["cost_budget"] ?? CelBudgets.Policy;
        var results = Evaluate(fact, variables, [(string)fact["expr"]!], budget);
        var (_, value, error) = results.Error is null ? results.Results[0] : new("", default, results.Error);
        return error is null ? FactExpectation.Judge(fact["expect"]!, value)
            : fact["expect"]!["error_kind"] is null ? $"expected {fact["expect"]!.ToJsonString()}, got {error}"
            : FactExpectation.MissingIn(fact["expect"]!, error) is { } piece ? $"lacks '{piece}': {error}"
            : null;
    }

    private static ExpressionResults Evaluate(JsonNode fact, NamedExpression[] variables, IEnumerable<string> expressions, long budget)
    {
        var vars = fact["vars"]!;
        var set = VariableSet.Compile(AdmissionEnvironment.Of(EnvironmentOf(fact), hasParams: true), variables);
        var input = new AdmissionInput
        {
            Object = FactValue.Of(vars["object"]),
            OldObject = FactValue.Of(vars["oldObject"]),
            Params = FactValue.Of(vars["params"]),
            Request = FactValue.Of(vars["request"]),
            Namespace = FactValue.Of(vars["namespaceObject"]),
            Authorizer = FactAuthorizer.Of((string?)fact["authorizer"] ?? ""),
        };
        return ExpressionSet.Compile(set, expressions.Select(text => new NamedExpression("", text)))
            .Evaluate(AdmissionEnvironment.Values(input, hasParams: true), budget, TestContext.Current.CancellationToken);
    }

    private static CelEnvironment EnvironmentOf(JsonNode fact)
    {
        var version = ((string?)fact["compatibility_version"] ?? "1.36").Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return KubernetesEnvironment.Of(version[0], version[1], IsStored(fact) ? CelExpressionsMode.Stored : CelExpressionsMode.New);
    }

    private static bool IsStored(JsonNode fact) => (string?)fact["env_type"] == "StoredExpressions";
}
