using System.Text.Json.Nodes;
using Capstan;
using Capstan.Selectors;
using KubeTemplater.Policies.Checks;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies;

/// <summary>One rule of a policy, ready to judge. Immutable and thread-safe.</summary>
internal sealed class CompiledRule
{
    private readonly Pattern _kind;
    private readonly Pattern _group;
    private readonly Pattern _version;
    private readonly Pattern[] _targets;
    private readonly LabelSelector _selector;
    private readonly List<FieldCheck> _checks = [];

    /// <summary>Compiles a rule; what is wrong with it is in <see cref="Faults"/>.</summary>
    /// <param name="rule">As the policy has it.</param>
    /// <param name="path">Where it stands in the policy, for example <c>spec.validationRules[2]</c>.</param>
    public CompiledRule(PolicyRule rule, string path)
    {
        Path = path;
        (_kind, _group, _version) = (new(rule.Kind), new(rule.Group), new(rule.Version));
        _targets = [.. rule.TargetNamespaces.Select(target => new Pattern(target))];
        var faults = new List<string>();
        _selector = Selector(rule, faults);
        HasTargets = _targets.Length > 0 || rule.TargetNamespaceSelector is not null;
        if (!string.IsNullOrWhiteSpace(rule.Rule))
        {
            // The deprecated form is a check over the whole object under another name.
            Add(new() { Name = "rule", Type = "cel", Cel = rule.Rule }, fault => $"{path}.rule: {fault.What}", faults);
        }

        foreach (var (index, check) in (rule.FieldValidations ?? []).Index())
        {
            Add(check, fault => $"{path}.fieldValidations[{index}].{fault.Field}: {fault.What}", faults);
        }

        Faults = faults;
    }

    /// <summary>Where the rule stands in the policy.</summary>
    public string Path { get; }

    /// <summary>What cannot be compiled, each with its path. A rule that has any allows nothing.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Whether the rule names any target namespace.</summary>
    public bool HasTargets { get; }

    /// <summary>Target namespaces as written, for messages.</summary>
    public IEnumerable<string> Targets => _targets.Select(target => target.Text).Concat(_selector.IsEmpty || ReferenceEquals(_selector, LabelSelector.Nothing) ? [] : [$"those with labels {_selector}"]);

    /// <summary>Whether the rule names group and kind in full, without a <c>*</c>.</summary>
    public bool IsInFull => _kind.IsExact && _group.IsExact;

    /// <summary>The one kind that the rule is about; null when it is about several.</summary>
    public GroupVersionKind? Kind => IsInFull && _version.IsExact ? new(_group.Text, _version.Text, _kind.Text) : null;

    /// <summary>Whether the rule is about a kind.</summary>
    public bool Names(GroupVersionKind kind) => _kind.Fits(kind.Kind) && _group.Fits(kind.Group) && _version.Fits(kind.Version);

    /// <summary>Whether objects may be in a namespace.</summary>
    /// <param name="namespace">Its name.</param>
    /// <param name="labels">Its labels; null when it is not there or not known.</param>
    /// <param name="inFull">Only if the rule names it in full.</param>
    public bool Reaches(string @namespace, IReadOnlyDictionary<string, string>? labels, bool inFull)
    {
        foreach (var target in _targets)
        {
            if (target.Fits(@namespace) && (!inFull || target.IsExact))
            {
                return true;
            }
        }

        return !inFull && labels is not null && _selector.Matches(labels);
    }

    /// <summary>Adds what the checks of the rule find wrong with an object.</summary>
    public void Judge(CheckInput input, ref List<string>? found)
    {
        foreach (var check in _checks)
        {
            if (check.Violation(input) is { } violation)
            {
                (found ??= []).Add(violation);
            }
        }
    }

    private void Add(FieldValidation check, Func<CheckFault, string> describe, List<string> faults)
    {
        try
        {
            _checks.Add(FieldCheck.Compile(check));
        }
        catch (CheckFault fault)
        {
            faults.Add(describe(fault));
        }
    }

    private LabelSelector Selector(PolicyRule rule, List<string> faults)
    {
        if (rule.TargetNamespaceSelector is not { } selector)
        {
            return LabelSelector.Nothing;
        }

        try
        {
            return LabelSelector.From(JsonObject.Create(selector) ?? throw new FormatException("is no label selector"));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            faults.Add($"{Path}.targetNamespaceSelector: {e.Message}");
            return LabelSelector.Nothing;
        }
    }
}
