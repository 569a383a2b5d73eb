using Capstan.Cel.Tests;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

public sealed class FactTableTests
{
    [Fact]
    public void The_page_states_how_many_facts_of_each_file_hold()
    {
        Assert.SkipWhen(FactFolder.Shared is null, FactFolder.Absent);
        List<(string File, int Facts, int Untried, int Hold)> rows = [];
        foreach (var path in FactFolder.Files(FactFolder.Shared!))
        {
            var facts = FactFolder.Read(path);
            var tried = facts.Where(fact => FactExclusions.ReasonOf(fact) is null).ToList();
            var judges = FactJudges.Of(path)!;
            var hold = tried.Count(fact => judges.All(judge => judge(fact.File, fact.Case) is null));
            rows.Add((Path.GetFileNameWithoutExtension(path), facts.Count, facts.Count - tried.Count, hold));
        }

        rows.Add(("**all**", rows.Sum(r => r.Facts), rows.Sum(r => r.Untried), rows.Sum(r => r.Hold)));
        PageSection.Says("facts",
        [
            "| file | facts | not tried | hold |",
            "|---|---:|---:|---:|",
            .. rows.Select(r => $"| {r.File} | {r.Facts} | {r.Untried} | {r.Hold} |"),
        ]);
    }
}
