using Capstan;
using Capstan.Runtime.Tests;
using KubeTemplater.Policies;
using KubeTemplater.Policies.Status;
using KubeTemplater.Resources;
using Conditions = Capstan.Applying.Conditions;

namespace KubeTemplater.Tests.Policies.Status;

/// <summary>What the status of a policy says.</summary>
public sealed class PolicyStatusReportTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_policy_in_force_says_so_with_its_numbers_added_up()
    {
        var first = PolicyStatusReport.Whole(Compiled(), null, [], 3, new(5, 1, _time.GetUtcNow()), _time);
        Assert.Equal((true, 3, 5L, 1L), (first.Active, first.TemplatesUsing, first.ValidationSuccesses, first.ValidationFailures));
        Assert.Equal(["Valid True Compiled", "Conflicting False OnlyPolicy", "Ready True InForce"], Said(first));

        var second = PolicyStatusReport.Whole(Compiled(), first, [], 4, new(2, 0, _time.GetUtcNow() - TimeSpan.FromHours(1)), _time);
        Assert.Equal((4, 7L, 1L, first.LastValidationTime), (second.TemplatesUsing, second.ValidationSuccesses, second.ValidationFailures, second.LastValidationTime));
        Assert.Equal(first.Conditions, second.Conditions);

        var third = PolicyStatusReport.Whole(Compiled(), second, [], 4, null, _time);
        Assert.Equal(second with { Conditions = null }, third with { Conditions = null });
        Assert.Equal(second.Conditions, third.Conditions);
    }

    [Fact]
    public void Faults_and_rivals_are_named()
    {
        var broken = PolicyStatusReport.Whole(Compiled("object."), null, [], 0, null, _time);
        Assert.Equal(["Valid False InvalidRules", "Conflicting False OnlyPolicy", "Ready False InvalidRules"], Said(broken));
        Assert.StartsWith("spec.validationRules[0].rule: does not compile: ERROR: <input>:1:8:", Conditions.Find(broken.Conditions, "Valid")!.Message, StringComparison.Ordinal);
        Assert.True(broken.Active);

        var contested = PolicyStatusReport.Whole(Compiled(), broken, ["other"], 0, null, _time);
        Assert.Equal(["Valid True Compiled", "Conflicting True SameSourceNamespace", "Ready False Conflicting"], Said(contested));
        Assert.False(contested.Active);
        Assert.Equal("named by other as well: of several policies for namespace blue none is in force", Conditions.Find(contested.Conditions, "Ready")!.Message);
    }

    [Fact]
    public void A_replica_that_does_not_lead_leaves_all_but_the_counters_alone()
    {
        var whole = PolicyStatusReport.Whole(Compiled(), null, ["other"], 3, null, _time);

        var counted = PolicyStatusReport.Counted(whole, new(0, 2, _time.GetUtcNow()));

        Assert.Equal(whole with { ValidationFailures = 2, LastValidationTime = KubeTime.Truncate(_time.GetUtcNow()) }, counted);
    }

    private static CompiledPolicy Compiled(string? rule = null) => new(Given.Policy(Given.Rule("ConfigMap", "", "v1", "blue") with { Rule = rule }), "kubetemplater-system");

    private static IEnumerable<string> Said(KubeTemplatePolicyStatus status) => status.Conditions!.Select(one => $"{one.Type} {one.Status} {one.Reason}");
}
