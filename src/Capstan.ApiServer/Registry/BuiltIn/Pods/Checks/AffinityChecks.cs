using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the wishes of a pod for nodes, and for other pods nearby.</summary>
internal static class AffinityChecks
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    /// <summary>All of them.</summary>
    public static void Check(Place affinity)
    {
        var nodes = affinity["nodeAffinity"];
        if (nodes[Required].Exists)
        {
            CheckNodeSelector(nodes[Required]);
        }

        foreach (var term in nodes[Preferred].Items)
        {
            CheckWeight(term["weight"]);
            CheckTerm(term["preference"], withValues: false);
        }

        foreach (var pods in (Place[])[affinity["podAffinity"], affinity["podAntiAffinity"]])
        {
            foreach (var term in pods[Required].Items)
            {
                CheckPodTerm(term);
            }

            foreach (var term in pods[Preferred].Items)
            {
                CheckWeight(term["weight"]);
                CheckPodTerm(term["podAffinityTerm"]);
            }
        }
    }

    /// <summary>A selector of nodes must have terms.</summary>
    public static void CheckNodeSelector(Place selector)
    {
        var terms = selector["nodeSelectorTerms"];
        if (terms.Count == 0)
        {
            terms.Required("must have at least one node selector term");
        }

        foreach (var term in terms.Items)
        {
            CheckTerm(term, withValues: true);
        }
    }

    /// <summary>Labels of the pod itself that are to match, or not to match.</summary>
    public static void CheckLabelKeys(Place place, Place match, Place mismatch, Place selector)
    {
        foreach (var keys in (Place[])[match, mismatch])
        {
            if (keys.Count > 0 && !selector.Exists)
            {
                keys.Forbidden("must not be specified when labelSelector is not set");
                continue;
            }

            foreach (var key in keys.Items)
            {
                key.Follows(LabelSyntax.KeyFaults);
            }
        }

        var own = match.Items.Select(k => k.Text).ToList();
        var selected = selector["matchLabels"].Entries.Select(e => e.Key).ToHashSet();
        foreach (var key in selector["matchExpressions"].Items.Select(e => e["key"].Text))
        {
            if (own.Contains(key) && selected.Contains(key))
            {
                place.As($"{place.Path}[{own.LastIndexOf(key)}]").Invalid(key, "exists in both matchLabelKeys and labelSelector");
            }

            selected.Add(key);
        }

        var others = mismatch.Items.Select(k => k.Text).ToHashSet();
        foreach (var key in match.Items.Where(k => others.Contains(k.Text)))
        {
            key.Invalid("exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    private static void CheckWeight(Place weight)
    {
        if (weight.Number is < 1 or > 100)
        {
            weight.Invalid(weight.Number, "must be in the range 1-100");
        }
    }

    private static void CheckTerm(Place term, bool withValues)
    {
        foreach (var expression in term["matchExpressions"].Items)
        {
            NodeRequirement.Check(expression, withValues);
        }

        foreach (var field in term["matchFields"].Items)
        {
            CheckField(field);
        }
    }

    private static void CheckField(Place field)
    {
        var values = field["values"];
        if (field["operator"].Text is not ("In" or "NotIn"))
        {
            field["operator"].Invalid(field["operator"].Text, "not a valid selector operator");
        }
        else if (values.Count != 1)
        {
            values.Required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }

        if (field["key"].Text != "metadata.name")
        {
            field["key"].Invalid(field["key"].Text, "not a valid field selector key");
            return;
        }

        foreach (var value in values.Items)
        {
            value.Follows(Naming.SubdomainFaults);
        }
    }

    private static void CheckPodTerm(Place term)
    {
        term["labelSelector"].Selector();
        term["namespaceSelector"].Selector();
        foreach (var name in term["namespaces"].Items)
        {
            name.As($"{term.Path}.namespace").Follows(Naming.LabelFaults);
        }

        CheckLabelKeys(term, term["matchLabelKeys"], term["mismatchLabelKeys"], term["labelSelector"]);
        if (!term["topologyKey"].HasText)
        {
            term["topologyKey"].Required("can not be empty");
        }

        term["topologyKey"].Follows(LabelSyntax.KeyFaults);
    }
}
