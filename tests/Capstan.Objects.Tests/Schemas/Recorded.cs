using System.Text.Json.Nodes;

namespace Capstan.Objects.Tests.Schemas;

/// <summary>The recordings of a real kube-apiserver, when they stand beside the project.</summary>
internal static class Recorded
{
    public static string? Directory { get; } = Find();

    public static IEnumerable<(JsonObject Request, JsonObject Response)> Posts(string conversation)
    {
        foreach (var step in JsonNode.Parse(File.ReadAllText(Path.Combine(Directory!, conversation)))!["steps"]!.AsArray())
        {
            if (step!["request"] is JsonObject request && request["method"]!.GetValue<string>() == "POST" && request["body"] is JsonObject)
            {
                yield return (request, step["response"]!.AsObject());
            }
        }
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "recordings");
            if (System.IO.Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
