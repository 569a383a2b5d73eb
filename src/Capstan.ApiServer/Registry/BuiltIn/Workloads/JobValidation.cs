using System.Globalization;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Faults of a job's spec, also where it stands in a CronJob.</summary>
internal static class JobValidation
{
    private const int ManyPods = 100_000;
    private const int FewerPods = 10_000;
    private const int MaxManagerLength = 63;
    private const int MaxRules = 20;
    private const int MaxExitCodes = 255;
    private const int MaxIndexesLength = 64 << 10;
    private static readonly string[] Counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"];
    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] States = ["False", "True", "Unknown"];

    /// <summary>Adds the faults.</summary>
    public static void Check(Place spec)
    {
        foreach (var field in Counts)
        {
            spec[field].NotNegative();
        }

        if (spec["maxFailedIndexes"].Exists && !spec["backoffLimitPerIndex"].Exists)
        {
            spec["backoffLimitPerIndex"].Required("when maxFailedIndexes is specified");
        }

        if (spec["managedBy"].Exists)
        {
            DomainPath.Check(spec["managedBy"]);
            if (spec["managedBy"].Text.Length > MaxManagerLength)
            {
                spec["managedBy"].TooLong(MaxManagerLength);
            }
        }

        spec["completionMode"].NoneOrOneOf("NonIndexed", "Indexed");
        CheckMode(spec, spec["completionMode"].Text);
        if (spec["podFailurePolicy"].Exists)
        {
            CheckFailurePolicy(spec);
        }

        if (spec["successPolicy"].Exists)
        {
            CheckSuccessPolicy(spec);
        }

        if (spec["podReplacementPolicy"].Exists)
        {
            spec["podReplacementPolicy"].OneOf(spec["podFailurePolicy"].Exists ? ["Failed"] : ["Failed", "TerminatingOrFailed"]);
        }

        WorkloadValidation.CheckTemplate(spec["template"]);
        CheckRestart(spec, spec["template"]["spec"]["restartPolicy"]);
    }

    /// <summary>Adds texts of warnings.</summary>
    public static void Warn(Place spec, ICollection<string> warnings)
    {
        if (spec["completionMode"].Text == "Indexed" && spec["completions"].Number > ManyPods && spec["parallelism"].Number > FewerPods)
        {
            warnings.Add($"{spec.Path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes"
                + " when a big number of indexes fail");
        }
    }

    private static void CheckRestart(Place spec, Place policy)
    {
        switch (policy.Text)
        {
            case "" or "Always":
                policy.Required("valid values: \"OnFailure\", \"Never\"");
                break;
            case "Never":
                break;
            case "OnFailure":
                if (spec["podFailurePolicy"].Exists)
                {
                    policy.Invalid("only \"Never\" is supported when podFailurePolicy is specified");
                }

                break;
            default:
                policy.NotSupported("OnFailure", "Never");
                break;
        }
    }

    private static void CheckMode(Place spec, string mode)
    {
        var (completions, parallelism, failed) = (spec["completions"], spec["parallelism"], spec["maxFailedIndexes"]);
        if (mode is "" or "NonIndexed")
        {
            foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
            {
                if (spec[field].Exists)
                {
                    spec[field].Invalid("requires indexed completion mode");
                }
            }
        }

        if (mode != "Indexed")
        {
            return;
        }

        if (!completions.Exists)
        {
            completions.Required("when completion mode is Indexed");
        }

        CheckAtMost(parallelism, ManyPods, $"must be less than or equal to {ManyPods} when completion mode is Indexed");
        if (completions.Exists)
        {
            CheckAtMost(failed, completions.Number, "must be less than or equal to completions");
        }

        CheckAtMost(failed, ManyPods, $"must be less than or equal to {ManyPods}");
        if (completions.Number > ManyPods && spec["backoffLimitPerIndex"].Exists)
        {
            if (!failed.Exists)
            {
                failed.Required($"must be specified when completions is above {ManyPods}");
            }

            var detail = $"must be less than or equal to {FewerPods} when completions are above {ManyPods} and used with backoff limit per index";
            CheckAtMost(parallelism, FewerPods, detail);
            CheckAtMost(failed, FewerPods, detail);
        }
    }

    private static void CheckAtMost(Place place, long most, string detail)
    {
        if (place.Exists && place.Number > most)
        {
            place.Invalid(detail);
        }
    }

    private static void CheckFailurePolicy(Place spec)
    {
        var rules = spec["podFailurePolicy"]["rules"];
        if (rules.Count > MaxRules)
        {
            rules.TooMany(MaxRules);
        }

        var pod = spec["template"]["spec"];
        var containers = pod["containers"].Items.Concat(pod["initContainers"].Items).Select(c => c["name"].Text).ToHashSet();
        foreach (var rule in rules.Items)
        {
            CheckFailureRule(spec, rule, containers);
        }
    }

    private static void CheckFailureRule(Place spec, Place rule, HashSet<string> containers)
    {
        var (action, codes, conditions) = (rule["action"], rule["onExitCodes"], rule["onPodConditions"]);
        if (!action.HasText)
        {
            action.Required(ValidValues(Actions));
        }
        else if (action.Text == "FailIndex")
        {
            if (!spec["backoffLimitPerIndex"].Exists)
            {
                action.Invalid("requires the backoffLimitPerIndex to be set");
            }
        }
        else
        {
            action.OneOf(Actions);
        }

        if (codes.Exists)
        {
            CheckExitCodes(codes, containers);
        }

        if (conditions.Count > MaxRules)
        {
            conditions.TooMany(MaxRules);
        }

        foreach (var condition in conditions.Items)
        {
            condition["type"].Follows(LabelSyntax.KeyFaults);
            RequiredOneOf(condition["status"], States);
        }

        if (codes.Exists == conditions.Count > 0)
        {
            rule.InvalidUnshown(codes.Exists ? "specifying both OnExitCodes and OnPodConditions is not supported" : "specifying one of OnExitCodes and OnPodConditions is required");
        }
    }

    private static void RequiredOneOf(Place place, string[] words)
    {
        if (!place.HasText)
        {
            place.Required(ValidValues(words));
        }
        else
        {
            place.OneOf(words);
        }
    }

    private static string ValidValues(string[] words) => $"valid values: [{string.Join(' ', words.Select(w => $"\"{w}\""))}]";

    private static void CheckExitCodes(Place codes, HashSet<string> containers)
    {
        RequiredOneOf(codes["operator"], ["In", "NotIn"]);
        if (codes["containerName"].Exists && !containers.Contains(codes["containerName"].Text))
        {
            codes["containerName"].Invalid("must be one of the container or initContainer names in the pod template");
        }

        var values = codes["values"];
        if (values.Count == 0)
        {
            values.Invalid("at least one value is required");
        }
        else if (values.Count > MaxExitCodes)
        {
            values.TooMany(MaxExitCodes);
        }

        var (ordered, last) = (true, long.MinValue);
        HashSet<long> seen = [];
        foreach (var value in values.Items)
        {
            if (codes["operator"].Text == "In" && value.Number == 0)
            {
                value.Invalid("must not be 0 for the In operator");
            }

            if (!seen.Add(value.Number))
            {
                value.Duplicate();
            }

            ordered &= last <= value.Number;
            last = value.Number;
        }

        if (!ordered)
        {
            values.Invalid("must be ordered");
        }
    }

    private static void CheckSuccessPolicy(Place spec)
    {
        if (spec["completionMode"].Text != "Indexed")
        {
            spec["successPolicy"].Invalid("requires indexed completion mode");
            return;
        }

        var rules = spec["successPolicy"]["rules"];
        if (rules.Count == 0)
        {
            rules.Required("at least one rules must be specified when the successPolicy is specified");
        }
        else if (rules.Count > MaxRules)
        {
            rules.TooMany(MaxRules);
        }

        foreach (var rule in rules.Items)
        {
            CheckSuccessRule(rule, spec["completions"].Number);
        }
    }

    private static void CheckSuccessRule(Place rule, long completions)
    {
        var (count, indexes) = (rule["succeededCount"], rule["succeededIndexes"]);
        if (!count.Exists && !indexes.Exists)
        {
            rule.Required("at least one of succeededCount or succeededIndexes must be specified");
        }

        var total = 0L;
        if (indexes.Exists)
        {
            if (indexes.Text.Length > MaxIndexesLength)
            {
                indexes.TooLong(MaxIndexesLength);
            }

            if (JobIndexes.TryCount(indexes.Text, completions, out total) is { } fault)
            {
                indexes.Invalid($"error parsing succeededIndexes: {fault}");
            }
        }

        count.NotNegative();
        if (count.Number > completions)
        {
            count.Invalid(string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {completions} (the number of specified completions)"));
        }

        if (indexes.Exists && count.Number > total)
        {
            count.Invalid(string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"));
        }
    }
}
