using System.Globalization;
using Capstan.Cel.Costs;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Cel.Values;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>
/// Whether the rules of a schema are too expensive in the worst case, as Kubernetes says of a CustomResourceDefinition: each rule costs what it
/// is estimated to, as often as its schema can occur in an object.
/// </summary>
internal sealed class RuleCosts
{
    // A rule that takes less of what all may cost is not named when they cost too much together, and no more than these are.
    private const ulong Noteworthy = CelBudgets.DefinitionEstimate / 100;
    private const int MostNamed = 4;

    private readonly List<FieldError> _faults = [];
    private readonly List<(string Path, ulong Cost)> _expensive = [];
    private ulong _total;

    private RuleCosts()
    {
    }

    /// <summary>The faults; empty when no rule is too expensive, and all together are not. Rules that do not compile cost nothing.</summary>
    /// <param name="root">The rules.</param>
    /// <param name="path">Path of the schema.</param>
    public static IReadOnlyList<FieldError> Check(RuleNode? root, string path)
    {
        var costs = new RuleCosts();
        costs.Check(root, Cardinality.One, path);
        costs.CheckTotal(path);
        return costs._faults;
    }

    private void Check(RuleNode? node, Cardinality cardinality, string path)
    {
        if (node is null)
        {
            return;
        }

        var inner = cardinality.Inside(node.Shape.Schema);
        Check(node.Values, inner, $"{path}.additionalProperties");
        foreach (var (name, field) in node.Fields)
        {
            Check(field, inner, $"{path}.properties[{name}]");
        }

        Check(node.Items, inner, $"{path}.items");
        var sizes = new SchemaSizes(node.Shape);
        var times = cardinality.Max ?? sizes.MostOccurrences;
        for (var i = 0; i < node.Rules.Length; i++)
        {
            var rule = string.Create(CultureInfo.InvariantCulture, $"{path}.x-kubernetes-validations[{i}]");
            Add($"{rule}.rule", "estimated rule cost", Saturating.Multiply(CostOf(node.Rules[i].Program, sizes), times));

            // A message is made for one failure.
            Add($"{rule}.messageExpression", "estimated messageExpression cost", CostOf(node.Rules[i].MessageProgram, sizes));
        }
    }

    private static ulong CostOf(CelProgram? program, SchemaSizes sizes) => program?.Estimate(sizes.Estimate).Max ?? 0;

    private void Add(string path, string what, ulong cost)
    {
        if (cost > CelBudgets.RuleEstimate)
        {
            _faults.Add(FieldErrors.Forbidden(path, Message(what, cost, CelBudgets.RuleEstimate)));
        }

        _total = Saturating.Add(_total, cost);
        if (cost >= Noteworthy)
        {
            // Of two that cost the same the earlier one stays before.
            var place = _expensive.FindIndex(other => other.Cost < cost);
            _expensive.Insert(place < 0 ? _expensive.Count : place, (path, cost));
            _expensive.RemoveRange(Math.Min(MostNamed, _expensive.Count), Math.Max(0, _expensive.Count - MostNamed));
        }
    }

    private void CheckTotal(string path)
    {
        if (_total <= CelBudgets.DefinitionEstimate)
        {
            return;
        }

        foreach (var (rule, _) in _expensive)
        {
            _faults.Add(FieldErrors.Forbidden(rule, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
        }

        const string What = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        _faults.Add(FieldErrors.Forbidden(path, Message(What, _total, CelBudgets.DefinitionEstimate)));
    }

    private static string Message(string what, ulong cost, ulong limit)
    {
        var factor = (double)cost / limit;
        var text = factor > 100 ? "more than 100x"
            : factor < 1.5 ? CelNumberText.Fixed(factor, 6, grouped: false) + "x"
            : CelNumberText.Fixed(factor, 1, grouped: false) + "x";
        return $"{what} exceeds budget by factor of {text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
            + "maps, and strings are declared)";
    }
}
