using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Tests.Node.Processes;

public sealed class TarNamesTests
{
    private static string Map(string text) => text.Replace("/data", "/state/a.b|c/data", StringComparison.Ordinal);

    [Fact]
    public void A_tar_that_packs_writes_the_names_that_were_asked_for() =>
        Assert.Equal(["tar", "cf", "-", "--transform=s\u0001^state/a\\.b|c/data/x\u0001data/x\u0001S", "/state/a.b|c/data/x"], TarNames.Keep(["tar", "cf", "-", "/data/x"], Map));

    [Theory]
    [InlineData("tar xf - -C /data", "tar xf - -C /state/a.b|c/data")]
    [InlineData("tar cf - /elsewhere", "tar cf - /elsewhere")]
    [InlineData("cat /data/x", "cat /state/a.b|c/data/x")]
    public void What_else_is_run_only_has_its_places_mapped(string command, string expected) => Assert.Equal(expected.Split(' '), TarNames.Keep(command.Split(' '), Map));
}
