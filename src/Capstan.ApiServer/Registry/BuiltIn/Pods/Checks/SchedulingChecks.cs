using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of what decides where and when a pod runs: gates, spreading, tolerations.</summary>
internal static class SchedulingChecks
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    /// <summary>What holds the pod back.</summary>
    public static void CheckGates(Place gates)
    {
        HashSet<string> seen = [];
        foreach (var gate in gates.Items)
        {
            gate["name"].As(gate.Path).Follows(LabelSyntax.KeyFaults);
            if (!seen.Add(gate["name"].Text))
            {
                gate.Errors.Add(FieldErrors.Duplicate(gate.Path, gate["name"].Text));
            }
        }
    }

    /// <summary>How pods of a kind are to be spread.</summary>
    public static void CheckSpread(Place constraints)
    {
        var all = constraints.Items.ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var one = all[i];
            var (key, action) = (one["topologyKey"], one["whenUnsatisfiable"]);
            CheckPositive(one["maxSkew"]);
            if (!key.HasText)
            {
                key.Required("can not be empty");
            }

            action.OneOf("DoNotSchedule", "ScheduleAnyway");
            if (all.Skip(i + 1).Any(other => other["topologyKey"].Text == key.Text && other["whenUnsatisfiable"].Text == action.Text))
            {
                one.Errors.Add(FieldErrors.Duplicate($"{one.Path}.{{topologyKey, whenUnsatisfiable}}", $"{{{key.Text}, {action.Text}}}"));
            }

            if (one["minDomains"].Exists)
            {
                CheckPositive(one["minDomains"]);
                if (action.Text != "DoNotSchedule")
                {
                    one["minDomains"].Invalid($"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action.Text}");
                }
            }

            one["nodeAffinityPolicy"].NoneOrOneOf("Honor", "Ignore");
            one["nodeTaintsPolicy"].NoneOrOneOf("Honor", "Ignore");
            AffinityChecks.CheckLabelKeys(one, one["matchLabelKeys"], one["mismatchLabelKeys"], one["labelSelector"]);
            one["labelSelector"].Selector();
        }
    }

    /// <summary>Which taints of nodes the pod bears.</summary>
    public static void CheckTolerations(Place tolerations)
    {
        foreach (var toleration in tolerations.Items)
        {
            var (key, op, value, effect) = (toleration["key"], toleration["operator"], toleration["value"], toleration["effect"]);
            key.NoneOrFollows(LabelSyntax.KeyFaults);
            if (!key.HasText && op.Text != "Exists")
            {
                op.Invalid(op.Text, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration["tolerationSeconds"].Exists && effect.Text != "NoExecute")
            {
                effect.Invalid(effect.Text, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            // The value is told under the operator.
            switch (op.Text)
            {
                case "" or "Equal":
                    if (LabelSyntax.ValueFaults(value.Text) is { Count: > 0 } faults)
                    {
                        value.As(op.Path).Invalid(value.Text, string.Join(';', faults));
                    }

                    break;
                case "Exists":
                    if (value.HasText)
                    {
                        value.As(op.Path).Invalid("value must be empty when `operator` is 'Exists'");
                    }

                    break;
                case "Lt" or "Gt":
                    op.NotSupported("Equal", "Exists", "Lt", "Gt");
                    break;
                default:
                    op.NotSupported("Equal", "Exists");
                    break;
            }

            if (effect.HasText)
            {
                effect.OneOf(Effects);
            }
        }
    }

    private static void CheckPositive(Place number)
    {
        if (number.Number <= 0)
        {
            number.Invalid(number.Number, "must be greater than zero");
        }
    }
}
