namespace Capstan.Cel.Kubernetes.Tests.Library;

/// <summary>What compiles in which version is in the table of <see cref="LibraryAnswersTests"/>.</summary>
public class KubernetesEnvironmentTests
{
    [Fact]
    public void Versions_without_a_difference_share_an_environment()
    {
        Assert.Same(KubernetesEnvironment.Default, KubernetesEnvironment.Of(1, 36));
        Assert.Same(KubernetesEnvironment.Default, KubernetesEnvironment.Of(1, 99));
        Assert.Same(KubernetesEnvironment.Of(1, 36, CelExpressionsMode.Stored), KubernetesEnvironment.Of(1, 20, CelExpressionsMode.Stored));
        Assert.NotSame(KubernetesEnvironment.Of(1, 32), KubernetesEnvironment.Of(1, 33));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 36)]
    [InlineData(1, -1)]
    public void There_is_no_other_version(int major, int minor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => KubernetesEnvironment.Of(major, minor));
}
