namespace Databases.Tests;

/// <summary>A directory in memory for the files of servers, where the machine has one: what they flush to a disk takes most of the time of a test, and no test pulls the plug.</summary>
internal sealed class ServerFiles : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long Needed = 4L << 30;

    /// <summary>The directory; null where there is no room.</summary>
    public string? Path { get; } = Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > Needed ? Directory.CreateDirectory($"{Memory}/capstan-test-{Guid.NewGuid():N}").FullName : null;

    public void Dispose()
    {
        if (Path is not null)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
