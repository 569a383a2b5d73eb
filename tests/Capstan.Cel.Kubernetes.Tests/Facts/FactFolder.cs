using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Where the facts lie, and what is in the files.</summary>
internal static class FactFolder
{
    public const string Variable = "CAPSTAN_CEL_FACTS";

    public const string Absent = "the facts are not in ../shared/cel-kubernetes, and " + Variable + " names no folder";

    /// <summary>The folder that the environment names; it must be there then.</summary>
    public static string? Named { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The folder beside the repository, null where it is absent. A worktree lies one folder deeper.</summary>
    public static string? Shared { get; } = FindShared();

    /// <summary>The files in the order of their names.</summary>
    public static IReadOnlyList<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)];

    /// <summary>The facts of a file.</summary>
    /// <exception cref="FormatException">It is no JSON, or has neither cases nor groups.</exception>
    public static IReadOnlyList<Fact> Read(string path)
    {
        JsonObject? file;
        try
        {
            file = JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path} is no JSON: {e.Message}", e);
        }

        var cases = file?["cases"] is JsonArray alone ? alone.AsEnumerable()
            : file?["groups"] is JsonArray groups ? groups.SelectMany(group => RulesOf(path, group))
            : throw new FormatException($"{path} has neither cases nor groups");
        return [.. cases.Select((c, index) => new Fact(file!, c as JsonObject ?? throw new FormatException($"{path}: case {index} is no object"), index))];
    }

    private static IEnumerable<JsonNode?> RulesOf(string path, JsonNode? group)
    {
        foreach (var rule in group?["rules"] as JsonArray ?? throw new FormatException($"{path} has a group without rules"))
        {
            var whole = new JsonObject();
            foreach (var (key, value) in group!.AsObject().Where(pair => pair.Key != "rules").Concat(rule as JsonObject ?? []))
            {
                whole[key] = value?.DeepClone();
            }

            yield return whole;
        }
    }

    private static string? FindShared()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var folder = Path.Combine(directory.FullName, "shared", "cel-kubernetes");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        return null;
    }
}
