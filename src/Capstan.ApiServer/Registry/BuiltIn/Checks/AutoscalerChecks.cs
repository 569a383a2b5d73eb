using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of HorizontalPodAutoscaler, in its form of version 2.</summary>
internal static class AutoscalerChecks
{
    private const int MaxWindowSeconds = 3600;
    private const int MaxPeriodSeconds = 1800;

    // Each source of a metric: its type, its field, and what is wrong with one. In the order in which they are looked at.
    private static readonly (string Type, string Field, Action<Place> Check)[] Sources =
    [
        ("Object", "object", CheckObject), ("External", "external", CheckExternal), ("Pods", "pods", CheckPods), ("Resource", "resource", CheckResource),
        ("ContainerResource", "containerResource", CheckContainerResource),
    ];

    private static readonly string[] Types = [.. Sources.Select(s => s.Type).Order(StringComparer.Ordinal)];

    /// <summary>HorizontalPodAutoscaler.</summary>
    public static readonly KindCheck Autoscaler = new(autoscaler => CheckSpec(autoscaler["spec"], null))
    {
        Update = (autoscaler, old) => CheckSpec(autoscaler["spec"], old),
        Status = (autoscaler, _) =>
        {
            autoscaler["status"]["currentReplicas"].NotNegative();
            autoscaler["status"]["desiredReplicas"].NotNegative();
        },
    };

    private static void CheckSpec(Place spec, JsonObject? old)
    {
        var (min, max, target) = (spec["minReplicas"], spec["maxReplicas"], spec["scaleTargetRef"]);
        var least = old.Number("spec", "minReplicas") == 0 ? 0 : 1;
        if (min.Exists && min.Number < least)
        {
            min.Invalid($"must be greater than or equal to {least}");
        }

        if (max.Number == 0)
        {
            max.Required("must be set and greater than 0");
        }
        else if (max.Number < 0)
        {
            max.Invalid("must be greater than or equal to 1");
        }

        if (min.Exists && max.Number < min.Number)
        {
            max.Invalid(max.Number, "must be greater than or equal to `minReplicas`");
        }

        // A target that stays is not judged again.
        var stays = old is not null && old.Text("spec", "scaleTargetRef", "kind") == target["kind"].Text && (old.Text("spec", "scaleTargetRef", "apiVersion") ?? "") == target["apiVersion"].Text;
        CheckReference(target, judgesVersion: !stays, groupRequired: target["kind"].Text != "ReplicationController");
        foreach (var metric in spec["metrics"].Items)
        {
            CheckMetric(metric);
        }

        if (min.Exists && min.Number == 0 && !spec["metrics"].Items.Any(m => m["type"].Text is "Object" or "External"))
        {
            spec["metrics"].Forbidden("must specify at least one Object or External metric to support scaling to zero replicas");
        }

        CheckRules(spec["behavior"]["scaleUp"]);
        CheckRules(spec["behavior"]["scaleDown"]);
    }

    private static void CheckReference(Place reference, bool judgesVersion, bool groupRequired)
    {
        reference["kind"].RequiredFollows(Naming.PathSegmentFaults);
        reference["name"].RequiredFollows(Naming.PathSegmentFaults);
        if (!judgesVersion)
        {
            return;
        }

        var version = reference["apiVersion"];
        var fault = version.Text.Count(c => c == '/') > 1 ? $"unexpected GroupVersion string: {version.Text}"
            : groupRequired && (!version.Text.Contains('/', StringComparison.Ordinal) || version.Text[0] == '/') ? "apiVersion must specify API group"
            : null;
        if (fault is not null)
        {
            version.Invalid(version.Text, fault);
        }
    }

    private static void CheckMetric(Place metric)
    {
        var type = metric["type"].Exists ? metric["type"] : metric["type"] with { Value = "" };
        if (!type.HasText)
        {
            type.Required("must specify a metric source type");
        }

        var known = Types.Contains(type.Text);
        if (!known)
        {
            type.NotSupported(Types);
        }

        var present = Sources.Where(s => metric[s.Field].Exists).ToList();
        if (present.Count > 0)
        {
            present[0].Check(metric[present[0].Field]);
        }

        var expected = Sources.FirstOrDefault(s => s.Type == type.Text).Field;
        if (!known)
        {
            type.NotSupported(Types);
        }
        else if (!metric[expected].Exists)
        {
            metric[expected].Required("must populate information for the given metric source");
        }

        if (present.Count != 1)
        {
            foreach (var (_, field, _) in present.Where(s => s.Field != expected))
            {
                metric[field].Forbidden("must populate the given metric source only");
            }
        }
    }

    private static void CheckObject(Place source)
    {
        CheckReference(source["describedObject"], judgesVersion: true, groupRequired: false);
        CheckIdentifier(source["metric"]);
        CheckTarget(source["target"]);
        if (!source["target"]["value"].Exists && !source["target"]["averageValue"].Exists)
        {
            source["target"]["averageValue"].Required("must set either a target value or averageValue");
        }
    }

    private static void CheckExternal(Place source)
    {
        CheckIdentifier(source["metric"]);
        CheckTarget(source["target"]);
        switch (source["target"]["value"].Exists, source["target"]["averageValue"].Exists)
        {
            case (false, false):
                source["target"]["averageValue"].Required("must set either a target value for metric or a per-pod target");
                break;
            case (true, true):
                source["target"]["value"].Forbidden("may not set both a target value for metric and a per-pod target");
                break;
        }
    }

    private static void CheckPods(Place source)
    {
        CheckIdentifier(source["metric"]);
        CheckTarget(source["target"]);
        if (!source["target"]["averageValue"].Exists)
        {
            source["target"]["averageValue"].Required("must specify a positive target averageValue");
        }
    }

    private static void CheckResource(Place source)
    {
        if (!source["name"].HasText)
        {
            source["name"].Required("must specify a resource name");
        }

        CheckTarget(source["target"]);
        CheckUtilization(source["target"]);
    }

    private static void CheckContainerResource(Place source)
    {
        if (!source["name"].HasText)
        {
            source["name"].Required("must specify a resource name");
        }
        else
        {
            ResourceNames.CheckOfContainer(source["name"], source["name"].Text);
        }

        if (!source["container"].HasText)
        {
            source["container"].Required("must specify a container");
        }
        else
        {
            source["container"].Follows(Naming.LabelFaults);
        }

        CheckTarget(source["target"]);
        CheckUtilization(source["target"]);
    }

    private static void CheckUtilization(Place target)
    {
        switch (target["averageUtilization"].Exists, target["averageValue"].Exists)
        {
            case (false, false):
                target["averageUtilization"].Required("must set either a target raw value or a target utilization");
                break;
            case (true, true):
                target["averageValue"].Forbidden("may not set both a target raw value and a target utilization");
                break;
        }
    }

    private static void CheckIdentifier(Place metric)
    {
        if (!metric["name"].HasText)
        {
            metric["name"].Required("must specify a metric name");
        }
        else
        {
            metric["name"].Follows(Naming.PathSegmentFaults);
        }
    }

    private static void CheckTarget(Place target)
    {
        if (!target["type"].HasText)
        {
            target["type"].Required("must specify a metric target type");
        }

        if (target["type"].Text is not ("Utilization" or "Value" or "AverageValue"))
        {
            target["type"].Invalid(target["type"].Text, "must be either Utilization, Value, or AverageValue");
        }

        foreach (var field in (ReadOnlySpan<string>)["value", "averageValue"])
        {
            if (target[field].Exists)
            {
                Amounts.Positive(target[field], "must be positive");
            }
        }

        if (target["averageUtilization"].Exists && target["averageUtilization"].Number < 1)
        {
            target["averageUtilization"].Invalid("must be greater than 0");
        }
    }

    private static void CheckRules(Place rules)
    {
        if (!rules.Exists)
        {
            return;
        }

        var window = rules["stabilizationWindowSeconds"];
        if (window.Number < 0)
        {
            window.Invalid("must be greater than or equal to zero");
        }
        else if (window.Number > MaxWindowSeconds)
        {
            window.Invalid($"must be less than or equal to {MaxWindowSeconds}");
        }

        rules["selectPolicy"].NoneOrOneOf("Disabled", "Max", "Min");
        if (rules["policies"].Count == 0)
        {
            rules["policies"].Required("must specify at least one Policy");
        }

        foreach (var policy in rules["policies"].Items)
        {
            policy["type"].OneOf("Percent", "Pods");
            foreach (var field in (ReadOnlySpan<string>)["value", "periodSeconds"])
            {
                if (policy[field].Number <= 0)
                {
                    policy[field].Invalid(policy[field].Number, "must be greater than zero");
                }
            }

            if (policy["periodSeconds"].Number > MaxPeriodSeconds)
            {
                policy["periodSeconds"].Invalid($"must be less than or equal to {MaxPeriodSeconds}");
            }
        }

        Amounts.NotNegative(rules["tolerance"]);
    }
}
