using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>What people read about the code is true of the code.</summary>
public partial class DocumentationTests
{
    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/cel.md")]
    [InlineData("docs/fidelity.md")]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    public void Files_that_a_document_names_exist(string document)
    {
        var named = CodeSpan().Matches(File.ReadAllText(Repository.Of(document))).Select(m => m.Groups[1].Value)
            .Concat(Link().Matches(File.ReadAllText(Repository.Of(document))).Select(m => Relative(document, m.Groups[1].Value)))
            .Where(p => PathLike().IsMatch(p)).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, p => Assert.True(File.Exists(Repository.Of(p)) || Directory.Exists(Repository.Of(p)), $"{document} names {p}"));
    }

    [Fact]
    public void Ci_runs_the_test_command_of_the_README()
    {
        const string command = "dotnet test -c Release";

        Assert.Contains(command, File.ReadAllText(Repository.Of("README.md")), StringComparison.Ordinal);
        Assert.Contains(command, File.ReadAllText(Repository.Of(".ci", "run")), StringComparison.Ordinal);
    }

    [Fact]
    public void Tests_that_the_security_model_names_exist()
    {
        var named = CodeSpan().Matches(File.ReadAllText(Repository.Of("docs/security.md"))).Select(match => match.Groups[1].Value).Where(name => TestName().IsMatch(name)).ToList();
        var tests = string.Join('\n', Directory.EnumerateFiles(Repository.Of("tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(tests.Contains($" {name}(", StringComparison.Ordinal), $"docs/security.md names the test {name}"));
    }

    private static string Relative(string document, string link) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, link)));

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^[A-Z][a-z0-9]+_[A-Za-z0-9_]+$")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(src|operators|tools|tests|docs|bench|\.ci)/[\w./-]+$")]
    private static partial Regex PathLike();
}
