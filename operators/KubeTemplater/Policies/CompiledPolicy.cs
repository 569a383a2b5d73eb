using System.Buffers;
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
    private static readonly SearchValues<char> _accountCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private readonly CompiledRule[] _rules;
    private readonly CompiledRule[] _wide;
    private readonly Dictionary<GroupVersionKind, CompiledRule[]> _byKind;
    private readonly string _operatorNamespace;
    private readonly CelValue _params;
    private readonly string[] _faults;

    /// <summary>Compiles a policy; what is wrong with it is in <see cref="Faults"/>.</summary>
    public CompiledPolicy(KubeTemplatePolicy policy, string operatorNamespace)
    {
        Policy = policy;
        _operatorNamespace = operatorNamespace;
        _params = policy.Spec.Params is { } given ? CelValue.Of(given) : CelValue.Null;
        _rules = [.. policy.Spec.ValidationRules.Select((rule, index) => new CompiledRule(rule, $"spec.validationRules[{index}]"))];
        _faults = [.. FaultsOf(policy.Spec)];
        _wide = [.. _rules.Where(static rule => rule.Kind is null)];
        _byKind = _rules.Where(static rule => rule.Kind is not null).Select(static rule => rule.Kind!.Value).Distinct()
            .ToDictionary(static kind => kind, kind => _rules.Where(rule => rule.Names(kind)).ToArray());
    }

    /// <summary>The policy as written.</summary>
    public KubeTemplatePolicy Policy { get; }

    /// <summary>Namespace and name of the policy, for messages.</summary>
    public string Name => Policy.Key.ToString();

    /// <summary>Whether what breaks the rules is refused, rather than told only.</summary>
    public bool Refuses => Policy.Spec.Enforcement is not ("Warn" or "Audit");

    /// <summary>What cannot be compiled, each with its path in the policy.</summary>
    public IEnumerable<string> Faults => _faults.Concat(_rules.SelectMany(rule => rule.Faults));

    /// <summary>Everything that speaks against an object; empty when it is allowed.</summary>
    /// <param name="manifest">The object.</param>
    /// <param name="context">What else is known about it.</param>
    /// <param name="cancellation">Ends long evaluations; what is not evaluated is refused.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<Violation> Violations(Manifest manifest, CheckContext context, CancellationToken cancellation = default)
    {
        var inFull = context.Namespaced == false || PowerfulKinds.Has(manifest);
        var named = RulesFor(manifest.Kind, inFull);
        if (named.Count == 0)
        {
            var what = $"{manifest}: resource type {manifest.Kind.ApiVersion} {manifest.Kind.Kind} is not allowed by policy {Name}";
            return [new(inFull ? $"{what}, which would have to name it in full" : what, inFull)];
        }

        if (_faults.Length > 0)
        {
            return [.. _faults.Select(fault => Unusable(manifest, fault))];
        }

        var target = manifest.Key.Namespace;
        var own = Touches(_operatorNamespace, manifest);
        var isTarget = false;
        CheckInput? input = null;
        List<string>? found = null;
        List<Violation>? all = null;
        foreach (var rule in named)
        {
            if (!rule.Reaches(target, context.Namespace?.Labels, inFull: own) || (own && !rule.Reaches(_operatorNamespace, null, inFull: true)))
            {
                continue;
            }

            isTarget = true;
            if (rule.Faults.Count > 0)
            {
                (all ??= []).AddRange(rule.Faults.Select(fault => Unusable(manifest, fault)));
                continue;
            }

            found?.Clear();
            rule.Judge(input ??= Input(manifest, context, cancellation), ref found);
            if (found is null or [])
            {
                return [];
            }

            (all ??= []).AddRange(found.Select(wrong => new Violation($"{manifest}: {wrong}", AlwaysRefused: false)));
        }

        return isTarget ? all! : [new(Misplaced(manifest, named, own ? _operatorNamespace : target), own)];
    }

    /// <summary>Whether any rule lets objects of a kind be in a namespace, whatever is in them: what must hold before one is deleted that a template made.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="key">The object; without a namespace where it is cluster-scoped.</param>
    /// <param name="labels">Labels of its namespace; null when it is not there or not known.</param>
    public bool Reaches(GroupVersionKind kind, ObjectKey key, IReadOnlyDictionary<string, string>? labels)
    {
        var isClusterScoped = key.Namespace.Length == 0;
        return RulesFor(kind, isClusterScoped || PowerfulKinds.Has(kind)).Any(rule =>
            isClusterScoped ? rule.HasTargets : rule.Reaches(key.Namespace, labels, inFull: key.Namespace == _operatorNamespace));
    }

    /// <summary>The rules about a kind, in their order.</summary>
    private IReadOnlyList<CompiledRule> RulesFor(GroupVersionKind kind, bool inFull)
    {
        if (!_byKind.TryGetValue(kind, out var rules))
        {
            // Kinds are without number, and come from those whom the policy is to hold: what was found is not kept.
            rules = _wide.Length == 0 ? [] : [.. _wide.Where(rule => rule.Names(kind))];
        }

        return inFull ? [.. rules.Where(static rule => rule.IsInFull)] : rules;
    }

    private CheckInput Input(Manifest manifest, CheckContext context, CancellationToken cancellation) => new(manifest.InItsNamespace)
    {
        Old = context.Old?.Of(manifest)?.InItsNamespace(),
        Namespace = context.Namespace,
        Params = _params,
        Budget = context.Budget,
        Cancellation = cancellation,
    };

    private Violation Unusable(Manifest manifest, string fault) => new($"{manifest}: policy {Name} cannot be used: {fault}", AlwaysRefused: true);

    // What goes wrong for the policy as a whole, and so refuses everything.
    private static IEnumerable<string> FaultsOf(KubeTemplatePolicySpec spec)
    {
        if (spec.Enforcement is not (null or "Deny" or "Warn" or "Audit"))
        {
            yield return $"spec.enforcement: '{spec.Enforcement}' is unknown: there are Deny, Warn and Audit";
        }

        if (spec.ServiceAccountName is { Length: > 0 } account && (account.Length > 253 || account.AsSpan().ContainsAnyExcept(_accountCharacters) || !char.IsAsciiLetterOrDigit(account[0]) || !char.IsAsciiLetterOrDigit(account[^1])))
        {
            yield return "spec.serviceAccountName: can be no ServiceAccount's name: it is 1 to 253 of a-z, 0-9, - and ., and begins and ends with a letter or digit";
        }
    }

    // A Namespace is in none, and yet what is done to it is done to all in it.
    private static bool Touches(string operatorNamespace, Manifest manifest) =>
        manifest.Key.Namespace == operatorNamespace || (manifest.Key.Name == operatorNamespace && manifest.Kind is { Group: "", Kind: "Namespace" });

    private string Misplaced(Manifest manifest, IReadOnlyList<CompiledRule> rules, string target)
    {
        var places = string.Join(", ", rules.Select(rule => rule.Path));
        return rules.Any(rule => rule.HasTargets)
            ? $"{manifest}: namespace {target} is not in the allowed target namespaces ({string.Join(", ", rules.SelectMany(rule => rule.Targets).Distinct())}) of {places} of policy {Name}"
            : $"{manifest}: no target namespaces defined for {manifest.Kind.Kind} in {places} of policy {Name}";
    }
}

/// <summary>One thing that speaks against an object.</summary>
/// <param name="Text">One sentence that names the entry, the rule and what it lacks.</param>
/// <param name="AlwaysRefused">Whether <c>enforcement: Warn</c> and <c>Audit</c> refuse it too: what gives power over others must be allowed in so many words.</param>
internal readonly record struct Violation(string Text, bool AlwaysRefused);

/// <summary>What a judgement needs to know beyond the object itself.</summary>
internal sealed record CheckContext
{
    /// <summary>Whether objects of the kind live in a namespace; null when nobody knows.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>Metadata of the target namespace; null when it is not there or not known.</summary>
    public DynamicObject? Namespace { get; init; }

    /// <summary>The template before the change that is judged; null in the worker and for a new one.</summary>
    public EntriesBefore? Old { get; init; }

    /// <summary>What the checks may cost; shared by all objects of a template.</summary>
    public CheckBudget Budget { get; init; } = new();
}
