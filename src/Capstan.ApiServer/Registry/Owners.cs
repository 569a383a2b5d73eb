using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>An owner counts once, however often it is named.</summary>
internal static class Owners
{
    /// <summary>Keeps the first of owner references that are equal, and warns of each that was repeated.</summary>
    public static void Deduplicate(JsonObject metadata, ICollection<string> warnings, bool afterAdmission = false)
    {
        if (metadata["ownerReferences"] is not JsonArray { Count: > 1 } owners)
        {
            return;
        }

        var kept = new List<JsonNode?>(owners.Count);
        var repeated = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var owner in owners)
        {
            if (kept.Exists(k => JsonNode.DeepEquals(k, owner)))
            {
                repeated.Add(owner.Text("uid") ?? "");
            }
            else
            {
                kept.Add(owner);
            }
        }

        if (repeated.Count > 0)
        {
            owners.Clear();
            kept.ForEach(owners.Add);
            warnings.Add(
                $".metadata.ownerReferences contains duplicate entries{(afterAdmission ? " after mutating admission happens" : "")}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; "
                + $"please fix your requests; duplicate UID(s) observed: {string.Join(", ", repeated)}");
        }
    }
}
