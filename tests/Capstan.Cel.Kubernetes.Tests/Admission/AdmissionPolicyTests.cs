using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.Cel.Kubernetes.Tests.Admission;

/// <summary>What answers of Kubernetes cannot show: what is not evaluated, and what whoever stores policies is told.</summary>
public sealed class AdmissionPolicyTests
{
    // Given the object too: a call of constants alone is made while compiling.
    private readonly List<string> _calls = [];
    private readonly CelEnvironment _environment;

    public AdmissionPolicyTests() => _environment = KubernetesEnvironment.Default.WithFunction("seen", "(string, dyn) -> string", arguments =>
    {
        _calls.Add(arguments[0].String);
        return arguments[0];
    });

    [Fact]
    public void Messages_are_made_for_what_is_false_only()
    {
        var verdict = Evaluate(new()
        {
            Validations =
            [
                new("object.n == 1") { MessageExpression = "seen('one', object)" },
                new("object.n == 2") { MessageExpression = "seen('two', object)" },
                new("object.nope == 3") { MessageExpression = "seen('three', object)" },
            ],
        });
        Assert.Equal([AdmissionOutcome.Admit, AdmissionOutcome.Deny, AdmissionOutcome.Error], verdict.Decisions.Select(d => d.Outcome));
        Assert.Equal("two", verdict.Decisions[1].Message);
        Assert.Equal(["two"], _calls);
        Assert.False(verdict.IsAdmitted);
    }

    [Fact]
    public void A_variable_is_evaluated_once_for_all_validations()
    {
        var verdict = Evaluate(new()
        {
            Variables = [new("used", "seen('used', object)"), new("unused", "seen('unused', object)"), new("twice", "variables.used + variables.used")],
            Validations = [new("variables.twice == 'usedused'"), new("variables.used == 'used' || variables.unused == ''")],
        });
        Assert.True(verdict.IsAdmitted);
        Assert.Equal(["used"], _calls);
    }

    [Fact]
    public void A_condition_that_is_false_spares_the_rest()
    {
        var verdict = Evaluate(new() { MatchConditions = [new("no", "object.n == 2")], Validations = [new("seen('x', object) == 'y'")] });
        Assert.False(verdict.Matches);
        Assert.Equal("no", verdict.FailedCondition);
        Assert.Empty(verdict.Decisions);
        Assert.Empty(_calls);
    }

    [Fact]
    public void Variables_beyond_the_budget_are_not_evaluated()
    {
        var verdict = Evaluate(
            new()
            {
                Variables = [.. Enumerable.Range(0, 1000).Select(i => new NamedExpression($"v{i}", $"seen('{i}', object) + object.text"))],
                Validations = [new($"[{string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"variables.v{i}"))}].size() == 0")],
            },
            budget: 100);
        var decision = Assert.Single(verdict.Decisions);
        Assert.Contains("running out of cost budget", decision.Message, StringComparison.Ordinal);
        Assert.Equal(-1, verdict.RemainingBudget);
        Assert.InRange(_calls.Count, 1, 100);
    }

    [Fact]
    public void Faults_are_told_by_name_or_place()
    {
        var policy = AdmissionPolicy.Compile(
            new()
            {
                Variables = [new("v", "nope")],
                MatchConditions = [new("m", "1")],
                Validations = [new("true"), new("object.x") { MessageExpression = "2" }],
                AuditAnnotations = [new("key", "true")],
            });
        Assert.Equal(["v", "m", "validations[1]", "messageExpressions[1]", "key"], policy.Faults.Select(f => f.Name));
        Assert.Equal("must evaluate to one of [string null_type] but got bool", policy.Faults.Last().Message);
        Assert.Empty(AdmissionPolicy.Compile(new() { Validations = [new("object.x == 1")] }).Faults);
    }

    private AdmissionVerdict Evaluate(AdmissionPolicySource source, long budget = CelBudgets.Policy)
    {
        var text = System.Text.Json.Nodes.JsonNode.Parse("""{"n": 1, "text": "a"}""");
        return AdmissionPolicy.Compile(source, _environment).Evaluate(
            new() { Object = Facts.FactValue.Of(text) }, budget, TestContext.Current.CancellationToken);
    }
}
