using System.Text.Json;

namespace Capstan.Cel.Tests.Evaluation;

public sealed class ConformanceTableTests
{
    [Fact]
    public void The_page_states_how_many_cases_of_each_file_pass()
    {
        Assert.SkipWhen(ConformanceSuite.Folder is null, "the conformance suite is not at ../shared/cel-spec");
        List<(string File, int Cases, int Protobuf, int Passed)> rows = [];
        foreach (var file in Directory.EnumerateFiles(ConformanceSuite.Folder!, "*.json").Order(StringComparer.Ordinal))
        {
            var cases = ConformanceSuite.Cases(file).ToList();
            var all = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("test_count").GetInt32();
            rows.Add((Path.GetFileNameWithoutExtension(file), all, all - cases.Count, cases.Count(test => ConformanceSuite.Judge(test) is null)));
        }

        rows.Add(("**all**", rows.Sum(r => r.Cases), rows.Sum(r => r.Protobuf), rows.Sum(r => r.Passed)));
        PageSection.Says("conformance",
        [
            "| file | cases | need protobuf | passed |",
            "|---|---:|---:|---:|",
            .. rows.Select(r => $"| {r.File} | {r.Cases} | {r.Protobuf} | {r.Passed} |"),
        ]);
    }
}
