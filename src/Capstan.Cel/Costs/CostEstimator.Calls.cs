using Capstan.Cel.Syntax;

namespace Capstan.Cel.Costs;

/// <summary>Calls: the interval of all overloads that may be meant.</summary>
internal sealed partial class CostEstimator
{
    private CostInterval CostOfCall(CallExpr call)
    {
        var reference = _expression.ReferenceOf(call);
        if (reference?.Name == "dyn")
        {
            var value = call.Arguments[0];
            var ofValue = Cost(value);
            CopySizes(call, value);
            return ofValue + CostInterval.Exactly(1);
        }

        // Each operand is looked at right after it was walked, and the receiver last: what a path tells depends on it, see FieldPath.
        var arguments = new CostNode[call.Arguments.Length];
        var costs = new CostInterval[call.Arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            costs[i] = Cost(call.Arguments[i]);
            arguments[i] = NodeOf(call.Arguments[i]);
        }

        if (reference is not { Overloads: { IsEmpty: false } overloads })
        {
            return CostInterval.Zero;
        }

        var receiver = CostInterval.Zero;
        CostNode? target = null;
        if (reference.HasReceiver)
        {
            receiver = Cost(call.Target!);
            target = NodeOf(call.Target!);
        }

        var all = new CostInterval(ulong.MaxValue, 0);
        SizeInterval? size = null;
        foreach (var overload in overloads)
        {
            var (cost, result) = Estimate(call, new CallToEstimate(reference.Name, overload, target, arguments, _model.Sizes), costs);
            all = all.Union(cost);
            size = size is { } known && result is { } other ? known.Union(other) : size ?? result;
            if (overload is "index_list" or "index_map")
            {
                // What was known of the size does not count here.
                size = EntrySizeOf(call.Arguments[0])?.Value;
                _paths[call.Id] = PathOf(call.Arguments[0]).Append(overload == "index_list" ? FieldPath.Items : FieldPath.Values);
            }

            size ??= SizeOf(call);
        }

        SetSize(call, size);
        return receiver + all;
    }

    /// <summary>A call with one overload: the cost, that of the arguments included, and the size of the value.</summary>
    private (CostInterval Cost, SizeInterval? Size) Estimate(CallExpr node, CallToEstimate call, CostInterval[] costs)
    {
        var cost = CostInterval.Zero;
        foreach (var argument in costs)
        {
            cost += argument;
        }

        foreach (var estimator in _model.Calls)
        {
            if (estimator(call) is { } known)
            {
                return (cost + known.Cost, known.Size);
            }
        }

        switch (call.Overload)
        {
            case "logical_or" or "logical_and":
                // The right side may not be evaluated.
                return (new CostInterval(costs[0].Min, cost.Max), null);
            case "conditional":
                SetEntrySize(node, EntrySize.Union(EntrySizeOf(node.Arguments[1]), EntrySizeOf(node.Arguments[2])));
                return (costs[0] + costs[1].Union(costs[2]), StandardCosts.SizeOf(call.Arguments[1]).Union(StandardCosts.SizeOf(call.Arguments[2])));
            case "add_string" or "add_bytes" or "add_list":
                SetEntrySize(node, EntrySize.Union(EntrySizeOf(node.Arguments[0]), EntrySizeOf(node.Arguments[1])));
                break;
        }

        var standard = StandardCosts.Estimate(call);
        return (cost + standard.Cost, standard.Size);
    }

    private CostNode NodeOf(CelExpr node) => new(node, PathOf(node), _expression.TypeOf(node), SizeOf(node));
}
