using Capstan.Tool;
using Capstan.Tool.Manifests;

namespace Architecture.Tests;

/// <summary>Manifests are made from types, and committed.</summary>
public class CommittedManifestsTests
{
    [Theory]
    [InlineData("KubeTemplater", "kubetemplater", null, null)]
    [InlineData("Database", "database-operator", "postgres-operator-manager-role", "postgres-operator-system")]
    public void What_is_committed_of_an_operator_is_what_its_types_say(string project, string assembly, string? name, string? @namespace)
    {
        using var error = new StringWriter();
        var exit = ManifestsRun.Run(
            new() { Assembly = Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"), Output = Repository.Of("operators", project, "deploy"), Name = name, Namespace = @namespace, Check = true }, TextWriter.Null, error);

        var more = name is null ? "" : $" --name {name} --namespace {@namespace}";
        Assert.True(exit == ExitCodes.Done, $"{error}: build, then capstan manifests operators/{project}/bin/Release/net10.0/{assembly}.dll -o operators/{project}/deploy{more}");
    }
}
