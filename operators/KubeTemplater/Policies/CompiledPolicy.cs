using Capstan;
using Capstan.Cel;
using KubeTemplater.Policies.Checks;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>A policy, compiled once and then asked for every object, by admission and worker alike. Immutable and thread-safe.</summary>
/// <remarks>
/// An object is allowed when one rule for its kind reaches its namespace and finds nothing wrong; all rules are tried, unlike in the Go operator, where the
/// first for a kind hid the others. What no rule allows is refused, and so is what a rule with faults would have to judge.
/// </remarks>
internal sealed class CompiledPolicy
{
    private readonly CompiledRule[] _rules;
    private readonly string _operatorNamespace;
    private readonly CelValue _params;

    /// <summary>Compiles a policy; what is wrong with it is in <see cref="Faults"/>.</summary>
    public CompiledPolicy(KubeTemplatePolicy policy, string operatorNamespace)
    {
        Policy = policy;
        _operatorNamespace = operatorNamespace;
        _params = policy.Spec.Params is { } given ? CelValue.Of(given) : CelValue.Null;
        _rules = [.. policy.Spec.ValidationRules.Select((rule, index) => new CompiledRule(rule, $"spec.validationRules[{index}]"))];
    }

    /// <summary>The policy as written.</summary>
    public KubeTemplatePolicy Policy { get; }

    /// <summary>Namespace and name of the policy, for messages.</summary>
    public string Name => Policy.Key.ToString();

    /// <summary>Whether what breaks the rules is refused, rather than told only.</summary>
    public bool Refuses => Policy.Spec.Enforcement is null or "Deny";

    /// <summary>What cannot be compiled, each with its path in the policy.</summary>
    public IEnumerable<string> Faults => _rules.SelectMany(rule => rule.Faults);

    /// <summary>Everything that speaks against an object; empty when it is allowed.</summary>
    /// <param name="manifest">The object.</param>
    /// <param name="context">What else is known about it.</param>
    /// <param name="cancellation">Ends long evaluations; what is not evaluated is refused.</param>
    public IReadOnlyList<Violation> Violations(Manifest manifest, CheckContext context, CancellationToken cancellation = default)
    {
        var inFull = context.Namespaced == false || PowerfulKinds.Has(manifest.Kind);
        var named = _rules.Where(rule => rule.Names(manifest.Kind, inFull)).ToList();
        if (named.Count == 0)
        {
            var what = $"{manifest}: resource type {manifest.Kind.ApiVersion} {manifest.Kind.Kind} is not allowed by policy {Name}";
            return [new(inFull ? $"{what}, which would have to name it in full" : what, inFull)];
        }

        var own = manifest.Key.Namespace == _operatorNamespace;
        var reaching = named.Where(rule => rule.Reaches(manifest.Key.Namespace, context.Namespace?.Labels, inFull: own)).ToList();
        return reaching.Count == 0 ? [new(Misplaced(manifest, named), own)] : Judged(manifest, reaching, context, cancellation);
    }

    private List<Violation> Judged(Manifest manifest, List<CompiledRule> rules, CheckContext context, CancellationToken cancellation)
    {
        var input = new CheckInput(manifest.InItsNamespace()) { OldObject = context.OldObject, Namespace = context.Namespace, Params = _params, Cancellation = cancellation };
        var found = new List<Violation>();
        foreach (var rule in rules)
        {
            var before = found.Count;
            found.AddRange(rule.Faults.Count > 0
                ? rule.Faults.Select(fault => new Violation($"{manifest}: policy {Name} cannot be used: {fault}", AlwaysRefused: true))
                : rule.Violations(input).Select(wrong => new Violation($"{manifest}: {wrong}", AlwaysRefused: false)));
            if (found.Count == before)
            {
                return [];
            }
        }

        return found;
    }

    private string Misplaced(Manifest manifest, List<CompiledRule> rules)
    {
        var places = string.Join(", ", rules.Select(rule => rule.Path));
        return rules.Any(rule => rule.HasTargets)
            ? $"{manifest}: namespace {manifest.Key.Namespace} is not in the allowed target namespaces ({string.Join(", ", rules.SelectMany(rule => rule.Targets).Distinct())}) of {places} of policy {Name}"
            : $"{manifest}: no target namespaces defined for {manifest.Kind.Kind} in {places} of policy {Name}";
    }
}

/// <summary>One thing that speaks against an object.</summary>
/// <param name="Text">One sentence that names the entry, the rule and what it lacks.</param>
/// <param name="AlwaysRefused">Whether <c>enforcement: Warn</c> and <c>Audit</c> refuse it too: what gives power over others must be allowed in so many words.</param>
internal readonly record struct Violation(string Text, bool AlwaysRefused);

/// <summary>What a judgement needs to know beyond the object itself.</summary>
internal readonly record struct CheckContext()
{
    /// <summary>Whether objects of the kind live in a namespace; null when nobody knows.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>Metadata of the target namespace; null when it is not there or not known.</summary>
    public DynamicObject? Namespace { get; init; }

    /// <summary>See <see cref="CheckInput.OldObject"/>.</summary>
    public CelValue OldObject { get; init; } = CelValue.Null;
}
