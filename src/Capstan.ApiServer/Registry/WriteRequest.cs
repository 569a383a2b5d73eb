using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry;

/// <summary>One write as it goes through the registry: what it is about, who asks, and what is said beside the answer.</summary>
/// <param name="Served">Resource in the version of the path.</param>
/// <param name="Info">Names from the path.</param>
/// <param name="Options">Options of the query.</param>
/// <param name="User">Who asks.</param>
/// <param name="Warnings">Texts of <c>Warning</c> headers; grows as the request goes on.</param>
internal sealed record WriteRequest(ServedResource Served, RequestInfo Info, WriteOptions Options, UserInfo User, List<string> Warnings)
{
    /// <summary>Whether fields are owned by applying rather than by changing them.</summary>
    public bool IsApply { get; init; }

    /// <summary>Ends when the client has left, so that nobody waits for others on its behalf.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>When the request came, as the clock of the server counts.</summary>
    public long Started { get; init; }

    public GroupResource Resource => Info.GroupResource;

    /// <summary>The answer of admission that lets an object not in: it names the object, or how its name begins.</summary>
    public ApiError Refused(JsonObject obj, string why)
    {
        static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
        var name = Given(Info.Name) ?? Given(obj.Text("metadata", "name")) ?? Given(obj.Text("metadata", "generateName")) ?? "Unknown";
        return ApiError.Forbidden(Resource, name, why);
    }

    /// <summary>The object of the path.</summary>
    public ObjectKey Key => Info.Key;
}

/// <summary>An object as the client sent it, parsed.</summary>
/// <param name="Value">The body; null when it was the JSON value null.</param>
/// <param name="Repetitions">What is said of each field that was written twice, on its own.</param>
internal sealed record Body(JsonNode? Value, IReadOnlyList<string> Repetitions)
{
    /// <summary>Whether it was YAML, of which all repetitions are told as one fault.</summary>
    public bool IsYaml { get; init; }

    /// <summary>The faults of a body that must be strictly right.</summary>
    public IEnumerable<string> StrictFaults => IsYaml && Repetitions.Count > 0 ? [$"yaml: unmarshal errors:\n  {string.Join("\n  ", Repetitions)}"] : Repetitions;
}
