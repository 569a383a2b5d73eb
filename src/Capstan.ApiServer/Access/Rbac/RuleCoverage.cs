namespace Capstan.ApiServer.Access.Rbac;

/// <summary>Compares rules: nobody may grant what he does not have himself.</summary>
internal static class RuleCoverage
{
    /// <summary>What of <paramref name="wanted"/> the rules held do not cover, in as few rules as Kubernetes names it.</summary>
    public static IReadOnlyList<PolicyRule> Missing(IReadOnlyList<PolicyRule> held, IEnumerable<PolicyRule> wanted)
    {
        var missing = wanted.SelectMany(Parts).Where(part => !held.Any(rule => Covers(rule, part)));
        return [.. Joined(missing)];
    }

    // One verb, group, resource and name each.
    private static IEnumerable<PolicyRule> Parts(PolicyRule rule)
    {
        foreach (var verb in rule.Verbs)
        {
            foreach (var group in rule.ApiGroups)
            {
                foreach (var resource in rule.Resources)
                {
                    foreach (var name in rule.ResourceNames.DefaultIfEmpty(null))
                    {
                        yield return new([verb], [group], [resource], name is null ? [] : [name], []);
                    }
                }
            }
        }

        foreach (var verb in rule.Verbs)
        {
            foreach (var url in rule.NonResourceUrls)
            {
                yield return new([verb], [], [], [], [url]);
            }
        }
    }

    private static bool Covers(PolicyRule held, PolicyRule part)
    {
        if (!held.HasVerb(part.Verbs[0]))
        {
            return false;
        }

        if (part.NonResourceUrls is [var url])
        {
            return held.HasPath(url);
        }

        var resource = part.Resources[0];
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return held.HasGroup(part.ApiGroups[0])
            && (held.Resources.Contains(resource) || held.HasResource(slash < 0 ? resource : resource[..slash], slash < 0 ? "" : resource[(slash + 1)..]))
            && (held.ResourceNames.Count == 0 || (part.ResourceNames is [var name] && held.ResourceNames.Contains(name)));
    }

    // Parts that differ in their verb only are one.
    private static IEnumerable<PolicyRule> Joined(IEnumerable<PolicyRule> parts) => parts
        .GroupBy(p => (Group: p.ApiGroups.FirstOrDefault(), Resource: p.Resources.FirstOrDefault(), Name: p.ResourceNames.FirstOrDefault(), Url: p.NonResourceUrls.FirstOrDefault()))
        .Select(same => same.First() with { Verbs = [.. same.Select(p => p.Verbs[0]).Distinct()] });
}
