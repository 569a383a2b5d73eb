using Capstan.Cel.Checking;

namespace Capstan.Cel.Tests.Checking;

public sealed class SuiteTests
{
    // What is excluded is excluded for good reasons only; their number may shrink.
    private const int MostExclusions = 0;

    [Fact]
    public void Everything_without_protobuf_checks_with_the_type_that_the_suite_says()
    {
        var folder = SharedFile.Folder("cel-spec");
        Assert.SkipWhen(folder is null, "the conformance suite is not in ../shared/cel-spec");
        var exclusions = Exclusions("suite-exclusions.txt");
        var mustFail = Exclusions("suite-failures.txt");
        Assert.True(exclusions.Count <= MostExclusions, "the list of exclusions grew");
        var wrong = new List<string>();
        var (passed, typed) = (0, 0);
        foreach (var test in SuiteCase.All(folder!).Where(t => t is { NeedsProto: false, IsChecked: true }))
        {
            var result = test.Check();
            var problem = Problem(test, result, mustFail.Contains(test.Id));
            if (exclusions.Contains(test.Id) != (problem is not null))
            {
                wrong.Add($"{test.Id}: {test.Expression}: {problem ?? "passes, so it need not be excluded"}");
            }

            passed += problem is null ? 1 : 0;
            typed += problem is null && test.DeducedType is not null ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{passed} cases, {typed} of them with a type; {exclusions.Count} excluded");
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong, {passed} right:\n{string.Join('\n', wrong)}");
        Assert.True(passed > 1600, $"only {passed} cases");
    }

    private static string? Problem(SuiteCase test, CheckedExpression result, bool mustFail) =>
        mustFail ? result.IsValid ? "checks, but should not" : null
        : !result.IsValid ? string.Join("; ", result.Issues.Select(i => i.Message))
        : test.DeducedType is { } type && type != result.Type.ToString() ? $"is {result.Type}, should be {type}"
        : null;

    private static HashSet<string> Exclusions(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Checking", file)).Where(l => l.Length > 0 && l[0] != '#')];
}
