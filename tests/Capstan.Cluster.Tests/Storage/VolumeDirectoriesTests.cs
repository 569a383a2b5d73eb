using Capstan.Cluster.Storage;

namespace Capstan.Cluster.Tests.Storage;

public sealed class VolumeDirectoriesTests : IDisposable
{
    private const string Name = "pvc-0a1b2c3d-0000-4000-8000-00000000000f";

    private readonly DirectoryInfo _outer = Directory.CreateTempSubdirectory("capstan-volumes-");
    private readonly VolumeDirectories _directories;

    public VolumeDirectoriesTests() => _directories = new(Path.Combine(_outer.FullName, "volumes"));

    [Fact]
    public void What_a_volume_holds_goes_with_it_and_links_are_not_followed()
    {
        var kept = Directory.CreateDirectory(Path.Combine(_outer.FullName, "kept"));
        File.WriteAllText(Path.Combine(kept.FullName, "f"), "");
        var path = _directories.Make(Name);
        Assert.Equal(path, _directories.Make(Name));
        File.WriteAllText(Path.Combine(path, "data"), "");
        Directory.CreateSymbolicLink(Path.Combine(path, "link"), kept.FullName);
        Assert.True(_directories.Remove(Name, path));
        Assert.False(Directory.Exists(path));
        Assert.True(File.Exists(Path.Combine(kept.FullName, "f")));
        Assert.True(_directories.Remove(Name, path));
    }

    [Fact]
    public void A_directory_that_became_a_link_is_removed_alone_and_never_used()
    {
        var kept = Directory.CreateDirectory(Path.Combine(_outer.FullName, "kept"));
        var path = _directories.Make(Name);
        Directory.Delete(path);
        Directory.CreateSymbolicLink(path, kept.FullName);
        Assert.Throws<IOException>(() => _directories.Make(Name));
        Assert.True(_directories.Remove(Name, path));
        Assert.True(kept.Exists);
        Assert.Null(new DirectoryInfo(path).LinkTarget);
    }

    [Theory]
    [InlineData(Name, "/")]
    [InlineData(Name, "/etc")]
    [InlineData(Name, null)]
    [InlineData("..", null)]
    [InlineData("pvc-../../kept", null)]
    [InlineData("pvc-0a1b2c3d-0000-4000-8000-00000000000f/../..", null)]
    [InlineData("pvc-0a1b2c3d-0000-4000-8000-00000000000f\n", null)]
    public void Nothing_else_is_ever_removed(string name, string? place)
    {
        var path = _directories.Make(Name);
        Assert.False(_directories.Remove(name, place ?? (name == Name ? null : Path.Combine(Path.GetDirectoryName(path)!, name))));
        Assert.True(Directory.Exists(path));
    }

    public void Dispose() => _outer.Delete(recursive: true);
}
