using Capstan.Caching;
using Capstan.Dashboard.Facts;

namespace Capstan.Dashboard;

/// <summary>Policies as the page shows them.</summary>
/// <param name="policies">Keeps them.</param>
internal sealed class PoliciesView(Informer policies)
{
    private readonly FactTable<PolicyFacts> _policies = new(policies, PolicyFacts.Read);

    /// <summary>Those first that refuse most.</summary>
    public ListAnswer<PolicyFacts> Overview()
    {
        var all = _policies.All.ToList();
        return new(all.Count, [.. all.OrderByDescending(one => one.Message is not null).ThenByDescending(one => one.Denied).ThenBy(one => one.Key).Take(TemplatesView.Most)]);
    }

    /// <summary>Policies whose name or namespace has the words.</summary>
    public (int Total, List<FoundAnswer> Found) Search(string words)
    {
        var found = _policies.All.Where(one => Words.Match(one.Key, words) || Words.Match(new(one.SourceNamespace, ""), words)).ToList();
        return (found.Count, [.. found.OrderBy(one => one.Key).Take(TemplatesView.Most).Select(one => new FoundAnswer("KubeTemplatePolicy", one.Namespace, one.Name, StateOf(one)))]);
    }

    /// <summary>A policy and its rules; null if there is none.</summary>
    public DetailAnswer? Detail(ObjectKey key)
    {
        if (_policies.Find(key) is not { } facts || _policies.Cache.Get(key) is not { } policy)
        {
            return null;
        }

        using var document = JsonFacts.Open(policy);
        var root = document.RootElement;
        return new("KubeTemplatePolicy", key.Namespace, key.Name, StateOf(facts))
        {
            Fields =
            [
                new("Source namespace", facts.SourceNamespace),
                new("Enforcement", facts.Enforcement),
                new("Templates", $"{facts.Templates}"),
                new("Checks passed", $"{facts.Passed}"),
                new("Checks failed", $"{facts.Denied}"),
                new("Last check", null, facts.CheckedAt),
                new("Applies as", root.Text("spec", "serviceAccountName")),
            ],
            Conditions = root.Conditions(),
            Tree =
            [
                .. root.Items("spec", "validationRules").Take(200).Select(rule => new Trees.TreeNode("Rule", "", $"{rule.Text("kind")}.{rule.Text("version")}.{rule.Text("group")}".TrimEnd('.'))
                {
                    Message = string.Join(", ", rule.Items("targetNamespaces").Take(20).Select(one => one.ToString())) is { Length: > 0 } namespaces ? $"in {namespaces}" : "in no namespace",
                    Children = [.. rule.Items("fieldValidations").Take(100).Select(check => new Trees.TreeNode("Check", "", check.Text("name") ?? "") { Message = $"{check.Text("type")} {check.Text("fieldPath")}".Trim() })],
                }),
            ],
        };
    }

    private static string StateOf(PolicyFacts facts) => facts.Active switch { true => "Active", false => "Inactive", _ => "New" };
}
