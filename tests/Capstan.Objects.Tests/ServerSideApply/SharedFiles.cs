namespace Capstan.Objects.Tests.ServerSideApply;

/// <summary>Data sets from outside of the repository stand beside it, in <c>shared</c>; without them their tests are skipped.</summary>
internal static class SharedFiles
{
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", path);
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
