using System.Text.Json.Nodes;

namespace Recordings.Tests.Sequences;

/// <summary>One write of a sequence.</summary>
/// <param name="Verb">What it is, for people: <c>create</c>, <c>update</c>, <c>json</c>, <c>merge</c>, <c>strategic</c>, <c>apply</c>, <c>delete</c>, <c>list</c>.</param>
/// <param name="Manager">Who does it.</param>
/// <param name="Force">Whether an apply takes what others own.</param>
/// <param name="Version">The resourceVersion that an update names: none, the last one seen, or an old one.</param>
/// <param name="Body">Object or patch; null for a delete.</param>
internal sealed record SequenceStep(string Verb, string Manager, bool Force, VersionNamed Version, JsonNode? Body)
{
    /// <summary>The part of the object that is written, such as <c>status</c>; empty for all of it.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>More parameters, such as <c>dryRun=All</c>; empty without.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>As a request; <paramref name="lastVersion"/> is what the server last answered.</summary>
    public JsonObject Request(SequenceKind kind, string @namespace, string name, string id, string? lastVersion)
    {
        var collection = $"{kind.Resource.Version}/namespaces/{@namespace}/{kind.Resource.Plural}".Replace("ID", id, StringComparison.Ordinal);
        var body = Body is null ? null : JsonNode.Parse(Body.ToJsonString().Replace("sequences-ID", $"sequences-{id}", StringComparison.Ordinal));
        if (body is JsonObject && Verb is "create" or "update" or "apply")
        {
            var metadata = ((JsonObject)body!)["metadata"] as JsonObject ?? [];
            metadata.Parent?.AsObject().Remove("metadata");
            ((JsonObject)body)["metadata"] = metadata;
            metadata["name"] = name;
            if (Version != VersionNamed.None)
            {
                metadata["resourceVersion"] = Version == VersionNamed.Last && lastVersion is not null ? lastVersion : "1";
            }
        }

        var path = Verb is "create" or "list" ? collection : $"{collection}/{name}{(Subresource.Length == 0 ? "" : "/" + Subresource)}";
        string[] parameters =
        [
            Verb switch { "delete" => "", "list" => $"fieldSelector=metadata.name%3D{name}", _ => $"fieldManager={Manager}" },
            Verb == "apply" && Force ? "force=true" : "",
            Parameters,
        ];
        var query = string.Join('&', parameters.Where(p => p.Length > 0));
        var request = new JsonObject
        {
            ["method"] = Verb switch { "create" => "POST", "update" => "PUT", "delete" => "DELETE", "list" => "GET", _ => "PATCH" },
            ["path"] = query.Length == 0 ? path : $"{path}?{query}",
        };
        if (body is not null)
        {
            request["body"] = body;
            request["headers"] = new JsonObject
            {
                ["Content-Type"] = Verb switch
                {
                    "json" => "application/json-patch+json",
                    "merge" => "application/merge-patch+json",
                    "strategic" => "application/strategic-merge-patch+json",
                    "apply" => "application/apply-patch+yaml",
                    _ => "application/json",
                },
            };
        }

        return request;
    }

    public override string ToString() => $"{Verb} by {Manager}{(Force ? " with force" : "")}{(Version == VersionNamed.None ? "" : $" at {Version} version")}{(Subresource.Length == 0 ? "" : " of " + Subresource)}{(Parameters.Length == 0 ? "" : " with " + Parameters)}: {Body?.ToJsonString()}";
}

/// <summary>Which resourceVersion an update names.</summary>
internal enum VersionNamed
{
    None,
    Last,
    Old,
}
