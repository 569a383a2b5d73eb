namespace Capstan.Kinds;

/// <summary>Reads resources.txt (its form is told in make-table.py).</summary>
internal static class ResourceTable
{
    public static IReadOnlyList<BuiltInResource> Read(string table)
    {
        var resources = new List<BuiltInResource>();
        List<BuiltInSubresource> subresources = [];
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.TrimStart().Split(' ');
            if (line[0] == ' ')
            {
                subresources.Add(new(words[0], Kind(words[1]), Listed(words[2])));
                continue;
            }

            subresources = [];
            var type = new ResourceType(words[0] == "-" ? "" : words[0], words[1], words[4], words[2], words[5] == "Namespaced");
            resources.Add(new(type, words[3], Listed(words[7]), Listed(words[8]), Listed(words[6]), subresources));
        }

        return resources;
    }

    private static string[] Listed(string word) => word == "-" ? [] : word.Split(',');

    private static GroupVersionKind Kind(string word) => word.Split('/') is [var group, var version, var kind] ? new(group, version, kind) : throw new FormatException(word);
}
