using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>One walk over an object: the rules of each value, then of what is in it, until the budget is used up. Used by one thread.</summary>
internal sealed class RuleRun(long budget, CancellationToken cancellation)
{
    /// <summary>How the error of an evaluation begins that cost more than one may.</summary>
    public const string CallTooExpensive = "operation cancelled: actual cost limit exceeded";

    /// <summary>What is left; below 0 once it ran out, or a rule cost more than one may.</summary>
    public long Budget { get; private set; } = budget;

    public List<FieldError> Errors { get; } = [];

    public List<FieldError> Warnings { get; } = [];

    public List<string> Remarks { get; } = [];

    public void Validate(RuleNode? node, FieldPath? path, JsonNode? value, JsonNode? old, Ratchet ratchet)
    {
        // Null has no rules of its own: those of the value around it may ask.
        if (node is null || value is null)
        {
            return;
        }

        new RuleEvaluation(this, node, path, value, old, ratchet).Run();
        foreach (var part in node.AllOf)
        {
            if (Budget >= 0)
            {
                Validate(part, path, value, old, ratchet with { Current = null });
            }
        }

        switch (value)
        {
            case JsonArray items when node.Items is { } itemNode:
                var oldItems = new OldItems(node.Shape.Schema, old as JsonArray);
                for (var i = 0; i < items.Count && Budget >= 0; i++)
                {
                    Validate(itemNode, FieldPath.Index(path, i), items[i], oldItems.Of(items[i]), ratchet.Item(i));
                }

                break;
            case JsonObject when (node.Values is not null || node.Fields.Count > 0) && RawValue.Fields(value) is { } fields:
                ValidateFields(node, path, fields, RawValue.Fields(old), ratchet);
                break;
        }
    }

    public CelEvaluation Evaluate(CelProgram program, ReadOnlySpan<CelValue> variables)
    {
        var evaluation = program.Evaluate(variables, new() { Cost = CelBudgets.Call, Cancellation = cancellation });
        cancellation.ThrowIfCancellationRequested();
        return evaluation;
    }

    /// <summary>Pays for an evaluation; false: there was not enough left.</summary>
    public bool TryPay(in CelEvaluation evaluation)
    {
        if (evaluation.Cost > (ulong)Budget)
        {
            return false;
        }

        Budget -= (long)evaluation.Cost;
        return true;
    }

    /// <summary>No rule is run any more.</summary>
    public void Stop() => Budget = -1;

    private void ValidateFields(RuleNode node, FieldPath? path, JsonObject fields, JsonObject? old, Ratchet ratchet)
    {
        foreach (var (name, field) in fields)
        {
            var oldField = old is not null && old.TryGetPropertyValue(name, out var before) ? before : null;
            if (Budget >= 0 && node.Values is { } values)
            {
                Validate(values, FieldPath.Key(path, name), field, oldField, ratchet.Field(name));
            }

            if (Budget >= 0 && node.Fields.TryGetValue(name, out var named))
            {
                Validate(named, FieldPath.Child(path, name), field, oldField, ratchet.Field(name));
            }
        }
    }
}
