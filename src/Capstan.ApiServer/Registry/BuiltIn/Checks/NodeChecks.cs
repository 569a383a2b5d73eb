using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of Node and of RuntimeClass.</summary>
internal static class NodeChecks
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    /// <summary>Node.</summary>
    public static readonly KindCheck Node = new(CheckNode)
    {
        Update = (node, old) =>
        {
            CheckNode(node);
            CheckUpdate(node, old);
        },
        Status = CheckUpdate,
        Warn = Warn,
        WarnOfStatus = _ => [],
    };

    /// <summary>RuntimeClass.</summary>
    public static readonly KindCheck RuntimeClass = new(CheckRuntimeClass)
    {
        Update = (runtimeClass, old) =>
        {
            CheckRuntimeClass(runtimeClass);
            runtimeClass["handler"].Unchanged(old["handler"]);
        },
        Warn = runtimeClass => runtimeClass["scheduling"]["nodeSelector"].Entries
            .Select(e => DeprecatedNodeLabels.Of(e.Key) is { } message ? $"scheduling.nodeSelector: {message}" : null).OfType<string>(),
    };

    private static IEnumerable<string> Warn(Place node)
    {
        if (node["spec"]["configSource"].Exists)
        {
            yield return "spec.configSource: the feature is removed";
        }

        if (node["spec"]["externalID"].HasText)
        {
            yield return "spec.externalID: this field is deprecated, and is unused by Kubernetes";
        }

        foreach (var warning in node["spec"]["podCIDRs"].Items.SelectMany(Addresses.RangeWarnings))
        {
            yield return warning;
        }
    }

    private static void CheckNode(Place node)
    {
        CheckTaints(node["spec"]["taints"]);
        CheckResources(node["status"]);
        var ranges = node["spec"]["podCIDRs"];
        foreach (var range in ranges.Items)
        {
            Addresses.Range(range);
        }

        if (ranges.Count > 2 || (ranges.Count == 2 && ranges.Items.Select(r => Addresses.ParseRange(r.Text)?.Address.AddressFamily).Distinct().Count() == 1))
        {
            ranges.Invalid("may specify no more than one CIDR for each IP family");
        }
    }

    private static void CheckResources(Place status)
    {
        foreach (var field in (string[])["capacity", "allocatable"])
        {
            foreach (var (name, amount) in status[field].Entries)
            {
                ResourceNames.CheckAmount(amount.As($"status.{field}.{name}"), name);
            }
        }
    }

    // They stand in the spec, but are told as if in the metadata.
    private static void CheckTaints(Place taints)
    {
        HashSet<(string, string)> seen = [];
        foreach (var taint in taints.As("metadata.taints").Items)
        {
            taint["key"].Follows(LabelSyntax.KeyFaults);
            if (LabelSyntax.ValueFaults(taint["value"].Text) is { Count: > 0 } faults)
            {
                taint["value"].Invalid(string.Join(';', faults));
            }

            taint["effect"].RequiredOneOf(Effects);
            if (!seen.Add((taint["key"].Text, taint["effect"].Text)))
            {
                taint.Duplicate("taints must be unique by key and effect pair");
            }
        }
    }

    private static void CheckUpdate(Place node, JsonObject old)
    {
        CheckResources(node["status"]);
        HashSet<(string, string)> addresses = [];
        foreach (var address in node["status"]["addresses"].Items.Where(a => !addresses.Add((a["type"].Text, a["address"].Text))))
        {
            address.Duplicate();
        }

        var (ranges, before) = (node["spec"]["podCIDRs"], old.Items("spec", "podCIDRs"));
        if (before.Count > 0 && !JsonNode.DeepEquals(ranges.Value, old.At("spec", "podCIDRs")))
        {
            ranges.Forbidden("node updates may not change podCIDR except from \"\" to valid");
        }

        if (old.Text("spec", "providerID") is { Length: > 0 } provider && provider != node["spec"]["providerID"].Text)
        {
            node["spec"]["providerID"].Forbidden("node updates may not change providerID except from \"\" to valid");
        }

        CheckTaints(node["spec"]["taints"]);
        if (node["spec"]["externalID"].Text != (old.Text("spec", "externalID") ?? ""))
        {
            node["spec"]["externalID"].Forbidden("may not be updated");
        }
    }

    private static void CheckRuntimeClass(Place runtimeClass)
    {
        runtimeClass["handler"].RequiredFollows(Naming.LabelFaults);
        foreach (var (name, amount) in runtimeClass["overhead"]["podFixed"].Entries.Select(e => (e.Key, e.Place.As($"overhead.limits[{e.Key}]"))))
        {
            ResourceNames.CheckOfContainer(amount, name);
            ResourceNames.CheckAmount(amount, name);
        }

        runtimeClass["scheduling"]["nodeSelector"].Labels();
        HashSet<(string, string, string, string)> seen = [];
        foreach (var toleration in runtimeClass["scheduling"]["tolerations"].Items)
        {
            CheckToleration(toleration);
            if (!seen.Add((toleration["key"].Text, toleration["operator"].Text, toleration["value"].Text, toleration["effect"].Text)))
            {
                toleration.Duplicate();
            }
        }
    }

    private static void CheckToleration(Place toleration)
    {
        toleration["key"].NoneOrFollows(LabelSyntax.KeyFaults);
        if (!toleration["key"].HasText && toleration["operator"].Text != "Exists")
        {
            toleration["operator"].Invalid(toleration["operator"].Text, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration["tolerationSeconds"].Exists && toleration["effect"].Text != "NoExecute")
        {
            toleration["effect"].Invalid(toleration["effect"].Text, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (toleration["operator"].Text)
        {
            case "" or "Equal":
                toleration["value"].NoneOrFollows(LabelSyntax.ValueFaults);
                break;
            case "Exists" when toleration["value"].HasText:
                toleration["operator"].Invalid(toleration["value"].Text, "value must be empty when `operator` is 'Exists'");
                break;
            case "Exists":
                break;
            default:
                toleration["operator"].NotSupported("Equal", "Exists");
                break;
        }

        if (toleration["effect"].HasText)
        {
            toleration["effect"].OneOf(Effects);
        }
    }
}
