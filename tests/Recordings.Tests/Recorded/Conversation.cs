using System.Text;
using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;

namespace Recordings.Tests.Recorded;

/// <summary>One file: requests in order, and what Kubernetes answered.</summary>
internal sealed record Conversation(string Name, JsonObject Json)
{
    /// <exception cref="FormatException">The file is no conversation.</exception>
    public static Conversation Read(string name) => Read(RecordingFolder.Path!, name);

    /// <exception cref="FormatException">The file is no conversation.</exception>
    public static Conversation Read(string folder, string name)
    {
        var path = Path.Combine(folder, name + ".json");
        return PythonJson.Parse(File.ReadAllText(path, Encoding.UTF8)) is JsonObject json && json["steps"] is JsonArray
            ? new Conversation(name, json)
            : throw new FormatException($"{path} is no conversation");
    }

    public IReadOnlyList<JsonObject> Steps => [.. Json["steps"]!.AsArray().Select(step => step!.AsObject())];

    /// <summary>How many answers are compared.</summary>
    public int Answers => Steps.Count(step => step.ContainsKey("response"));

    public bool HasCommands => Steps.Any(step => step.ContainsKey("run"));

    /// <summary>Name to content, for command lines.</summary>
    public JsonObject Files => Json["files"] as JsonObject ?? [];

    /// <summary>Paths to delete at the end.</summary>
    public JsonArray Cleanup => Json["cleanup"] as JsonArray ?? [];
}
