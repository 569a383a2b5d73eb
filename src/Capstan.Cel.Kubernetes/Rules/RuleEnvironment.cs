namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>What rules of one schema may name.</summary>
/// <param name="Plain"><c>self</c>, and <c>oldSelf</c> of the same type: a rule that reads it waits for an update.</param>
/// <param name="Optional"><c>oldSelf</c> is optional.</param>
internal sealed record RuleEnvironment(CelEnvironment Plain, CelEnvironment Optional)
{
    public const string Self = "self";
    public const string OldSelf = "oldSelf";

    /// <summary>All that rules have besides the two variables.</summary>
    public static CelEnvironment Base { get; } = KubernetesEnvironment.Of(1, 36, CelExpressionsMode.Stored);

    public static RuleEnvironment Of(CelType type)
    {
        var self = Base.WithVariable(Self, type);
        return new(self.WithVariable(OldSelf, type), self.WithVariable(OldSelf, CelType.Optional(type)));
    }
}
