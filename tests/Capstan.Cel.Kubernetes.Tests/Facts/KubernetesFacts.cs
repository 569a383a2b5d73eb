namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Every fact of every file in the folder that <c>CAPSTAN_CEL_FACTS</c> names, else of those beside the repository.</summary>
public sealed class KubernetesFacts
{
    // Cases of a class run one after another; a node that is read first by two threads at once is not safe.
    private static readonly Dictionary<string, IReadOnlyList<Fact>> Known = new(StringComparer.Ordinal);

    public static IEnumerable<ITheoryDataRow> Rows()
    {
        var folder = FactFolder.Named ?? FactFolder.Shared;
        if (folder is null)
        {
            return [new TheoryDataRow<string, int>("", 0) { Skip = FactFolder.Absent, Label = "no facts" }];
        }

        var files = Directory.Exists(folder) ? FactFolder.Files(folder) : [];
        return files.Count == 0 ? [new TheoryDataRow<string, int>(folder, 0) { Label = "no files" }] : files.SelectMany(RowsOf);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Holds(string path, int index)
    {
        Assert.True(File.Exists(path), $"no files of facts in {path}");
        var judges = FactJudges.Of(path);
        Assert.True(judges is not null, $"{path} belongs to none of the tables: {string.Join(", ", FactJudges.Files)}");
        var facts = Read(path);
        Assert.True(index < facts.Count, $"{path} holds no facts");
        var fact = facts[index];
        var excluded = FactExclusions.ReasonOf(fact);
        Assert.SkipWhen(excluded is not null, excluded ?? "");
        foreach (var judge in judges)
        {
            var problem = judge(fact.File, fact.Case);
            Assert.True(problem is null, $"{problem}\n{fact.Case.ToJsonString()}");
        }
    }

    // A file that cannot be read, or that is of no table, is one row: its test says what is wrong.
    private static IEnumerable<ITheoryDataRow> RowsOf(string path)
    {
        var file = Path.GetFileNameWithoutExtension(path);
        IReadOnlyList<Fact> facts;
        try
        {
            facts = FactJudges.Of(path) is null ? [] : Read(path);
        }
        catch (FormatException)
        {
            facts = [];
        }

        return facts.Count == 0
            ? [new TheoryDataRow<string, int>(path, 0) { Label = file }]
            : facts.Select(fact => new TheoryDataRow<string, int>(path, fact.Index) { Label = $"{file} {fact.Index}: {fact.Name}" });
    }

    private static IReadOnlyList<Fact> Read(string path)
    {
        if (!Known.TryGetValue(path, out var facts))
        {
            Known[path] = facts = FactFolder.Read(path);
        }

        return facts;
    }
}
