using System.Text;

namespace Capstan.Cel.Tests.Evaluation;

/// <summary>All cases of the official suite that need no protobuf, but those of the one exclusion file, which may only shrink.</summary>
public class ConformanceTests
{
    [Fact]
    public void Every_case_that_needs_no_protobuf_passes_or_is_excluded_and_no_excluded_case_passes()
    {
        Assert.SkipWhen(ConformanceSuite.Folder is null, "the conformance suite is not at ../shared/cel-spec");
        var excluded = ConformanceSuite.Exclusions();
        var wrong = new StringBuilder();
        var (total, passed) = (0, 0);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(ConformanceSuite.Folder!, "*.json").Order(StringComparer.Ordinal))
        {
            var (cases, good) = (0, 0);
            foreach (var test in ConformanceSuite.Cases(file))
            {
                var id = test.GetProperty("id").GetString()!;
                seen.Add(id);
                cases++;
                var reason = ConformanceSuite.Judge(test);
                good += reason is null ? 1 : 0;
                if (reason is not null && !excluded.Contains(id))
                {
                    wrong.AppendLine($"FAILS {id}: {test.GetProperty("expr").GetString()}: {reason}");
                }
                else if (reason is null && excluded.Contains(id))
                {
                    wrong.AppendLine($"PASSES, take it off the list: {id}");
                }
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileNameWithoutExtension(file)} {good}/{cases}");
            total += cases;
            passed += good;
        }

        foreach (var id in excluded.Where(id => !seen.Contains(id)))
        {
            wrong.AppendLine($"NO SUCH CASE: {id}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"passed {passed} of {total}");
        Assert.True(total == 1743, $"the suite has {total} cases without protobuf, 1743 were expected");
        Assert.True(wrong.Length == 0, $"passed {passed} of {total}\n{wrong}");
    }
}
