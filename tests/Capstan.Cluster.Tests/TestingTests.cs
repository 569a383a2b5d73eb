using Capstan.Testing;

namespace Capstan.Cluster.Tests;

/// <summary>What Capstan.Testing promises to those who write tests with it.</summary>
public sealed class TestingTests
{
    [Fact]
    public void A_program_that_is_missing_is_a_reason_to_skip_unless_it_is_demanded()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(Path.Combine(directory.Path, "there"), "");
        Assert.Equal((Path.Combine(directory.Path, "there"), null), Told(RequiredProgram.Find("there", directory.Path, "there,other")));
        var missing = RequiredProgram.Find("missing", directory.Path, "other");
        Assert.Null(missing.Path);
        Assert.Equal("missing is not on this machine (CAPSTAN_REQUIRE=missing makes that a failure)", missing.SkipReason);
        var fault = Assert.Throws<FileNotFoundException>(() => RequiredProgram.Find("missing", directory.Path, "other, missing"));
        Assert.Contains("CAPSTAN_REQUIRE", fault.Message, StringComparison.Ordinal);

        static (string?, string?) Told(RequiredProgram program) => (program.Path, program.SkipReason);
    }

    [Fact]
    public async Task A_wait_that_fails_tells_what_was_seen_last()
    {
        var stop = TestContext.Current.CancellationToken;
        var reads = 0;
        Assert.Equal(3, await Eventually.SeeAsync("three", _ => Task.FromResult(++reads), read => read == 3, cancellationToken: stop));
        var state = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.SeeAsync("nine", _ => Task.FromResult(7), read => read == 9, TimeSpan.FromMilliseconds(20), stop));
        Assert.Matches("^waited [0-9.]+ s and [0-9]+ reads for nine; last seen:\n7$", state.Message);
        var fault = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.SeeAsync<int>("nine", _ => throw new InvalidDataException("broken"), _ => true, TimeSpan.FromMilliseconds(20), stop));
        Assert.IsType<InvalidDataException>(fault.InnerException);
    }

    [Fact]
    public async Task Two_clusters_in_one_process_know_nothing_of_each_other()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var one = await TestCluster.StartAsync(cancellationToken: stop);
        await using var other = await TestCluster.StartAsync(cancellationToken: stop);
        await one.InstallAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: only-here}}", stop);
        var type = new ResourceType("", "v1", "ConfigMap", "configmaps", Namespaced: true);
        Assert.Single((await one.NewClient("test").ListAsync(type, new ListOptions { FieldSelector = "metadata.name=only-here" }, stop)).Items);
        Assert.Empty((await other.Client.ListAsync(type, new ListOptions { FieldSelector = "metadata.name=only-here" }, stop)).Items);
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("capstan-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
