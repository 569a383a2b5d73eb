using System.Reflection;

namespace Architecture.Tests;

/// <summary>Every change of the public surface shows in the diff: as a changed line of a file under PublicApi.</summary>
public class PublicApiTests
{
    [Theory]
    [InlineData("Capstan.Objects")]
    [InlineData("Capstan.Cel")]
    [InlineData("Capstan.Cel.Kubernetes")]
    [InlineData("Capstan.Runtime")]
    [InlineData("Capstan.ApiServer")]
    [InlineData("Capstan.Cluster")]
    [InlineData("Capstan.Testing")]
    public void Surface_is_the_approved_one(string assembly)
    {
        var file = Repository.Of("tests", "Architecture.Tests", "PublicApi", $"{assembly}.txt");
        var actual = PublicApiText.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable("CAPSTAN_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var changes = approved.Split('\n').Except(actual.Split('\n')).Select(l => $"- {l}")
            .Concat(actual.Split('\n').Except(approved.Split('\n')).Select(l => $"+ {l}")).ToList();
        Assert.True(
            approved == actual,
            $"The public surface of {assembly} changed. If that is meant, run this test with CAPSTAN_ACCEPT_API=1 and commit {file}.\n{string.Join('\n', changes)}");
    }
}
