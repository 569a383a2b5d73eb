using System.Text.Json.Nodes;

namespace Capstan.Cel.Tests.Checking;

/// <summary>Data that lies beside the repository, not in it.</summary>
internal static class SharedFile
{
    /// <summary>The folder, null where it is absent.</summary>
    public static string? Folder(string name)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var folder = Path.Combine(directory.FullName, "shared", name);
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        return null;
    }

    public static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
