using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>While gates hold a pod back its choice of nodes may still be made narrower.</summary>
internal static class GatedPods
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Adds the faults, and puts back in <paramref name="now"/> what may change.</summary>
    public static void Check(Place spec, JsonObject now, JsonObject old)
    {
        var before = old.Map("spec", "nodeSelector");
        if ((before ?? []).Any(e => now.Text("nodeSelector", e.Key) != e.Value.Text()))
        {
            spec["nodeSelector"].Invalid("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }

        Set(now, "nodeSelector", before);
        var oldNodes = old.Map("spec", "affinity", "nodeAffinity");
        if (JsonNode.DeepEquals(oldNodes, now.Map("affinity", "nodeAffinity")))
        {
            return;
        }

        CheckTerms(spec["affinity"]["nodeAffinity"][Required], oldNodes.Map(Required));
        PutBack(now, old, oldNodes);
    }

    private static void CheckTerms(Place selector, JsonObject? old)
    {
        // A selector without terms has none; no selector has not even none.
        var terms = selector["nodeSelectorTerms"];
        terms = terms with { Value = terms.Value ?? (selector.Exists ? new JsonArray() : null) };
        var before = old.Items("nodeSelectorTerms");
        if (before.Count == 0)
        {
            return;
        }

        if (terms.Count != before.Count)
        {
            terms.Invalid("no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }

        var i = 0;
        foreach (var term in terms.Items)
        {
            if (!OnlyAdds(term, before[i++]))
            {
                term.Invalid("only additions are allowed (no mutations or deletions)");
            }
        }
    }

    private static bool OnlyAdds(Place term, JsonNode? old)
    {
        var lists = (string[])["matchExpressions", "matchFields"];
        if (lists.All(l => old.Items(l).Count == 0))
        {
            return lists.All(l => term[l].Count == 0);
        }

        return lists.All(l => term[l].Count >= old.Items(l).Count && old.Items(l).Zip(term[l].Items, (was, now) => JsonNode.DeepEquals(was, now.Value)).All(same => same));
    }

    private static void PutBack(JsonObject now, JsonObject old, JsonObject? nodes)
    {
        if (now.Map("affinity") is not { } affinity)
        {
            if (nodes is not null)
            {
                now["affinity"] = new JsonObject { ["nodeAffinity"] = nodes.DeepClone() };
            }

            return;
        }

        if (old.Map("spec", "affinity") is null && affinity["podAffinity"] is null && affinity["podAntiAffinity"] is null)
        {
            now.Remove("affinity");
            return;
        }

        Set(affinity, "nodeAffinity", nodes);
    }

    private static void Set(JsonObject obj, string field, JsonNode? value)
    {
        if (value is null)
        {
            obj.Remove(field);
        }
        else
        {
            obj[field] = value.DeepClone();
        }
    }
}
