using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Answers what is served: <c>/api</c>, <c>/apis</c>, <c>/apis/GROUP</c>, <c>/api/v1</c> and <c>/apis/GROUP/VERSION</c>.</summary>
/// <remarks>Documents are written once per catalogue model and path, and kept until the model is swapped. Safe for any number of threads.
/// The two roots have a second form, in which one document holds all groups, versions and resources (aggregated discovery, KEP-3352).</remarks>
internal sealed class Discovery(Catalogue catalogue)
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private volatile DiscoveryModel? _model;

    /// <summary>The document at a path (without query; a slash at the end is the same path).</summary>
    /// <param name="path">Path of the URL.</param>
    /// <param name="accept">Accept header; of the forms it names, the first that is known counts. Whether JSON is acceptable at all is the caller's business.</param>
    /// <param name="host">Host and port by which the client reached the server, for <c>/api</c>.</param>
    /// <param name="body">JSON in UTF-8.</param>
    /// <param name="contentType">Content type, with its parameters for the aggregated form.</param>
    /// <returns>False when nothing is served there.</returns>
    public bool TryAnswer(string path, string? accept, string host, out byte[] body, out string contentType)
    {
        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        var aggregated = trimmed is "/api" or "/apis" && PrefersAggregated(accept);
        contentType = aggregated ? AggregatedType : "application/json";
        var model = _model;
        var current = catalogue.Current;
        if (model?.Catalogue != current)
        {
            _model = model = new(current);
        }

        body = model.Body(trimmed, aggregated, host) ?? [];
        return body.Length > 0;
    }

    /// <summary>Whether the two roots can be had in one of the forms that the header names: forms of another version of aggregated discovery alone cannot (406).</summary>
    public static bool IsAcceptable(string? accept) =>
        string.IsNullOrEmpty(accept)
        || PrefersAggregated(accept)
        || accept.Split(',').Any(range => !range.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal));

    /// <summary>Whether any version of a group is served, so that a path below it is a resource that is not found rather than no path at all.</summary>
    public bool ServesGroup(string group) => catalogue.All.Any(r => r.Type.Group == group);

    /// <summary>Whether the first form of JSON that is known, of those in the header, is the aggregated one.</summary>
    private static bool PrefersAggregated(string? accept)
    {
        foreach (var range in (accept ?? "").Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
            {
                continue;
            }

            var parameters = parts.Skip(1).Where(p => !p.StartsWith("q=", StringComparison.Ordinal)).ToHashSet();
            if (!parameters.Any(p => p.StartsWith("as=", StringComparison.Ordinal)))
            {
                return false;
            }

            if (parameters.SetEquals(["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The documents of one catalogue model.</summary>
    private sealed class DiscoveryModel(CatalogueModel catalogue)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<(string, bool, string), byte[]?> _bodies = new();
        private readonly DiscoveryDocuments _documents = new(catalogue);

        public CatalogueModel Catalogue { get; } = catalogue;

        /// <summary>Only paths that are served are kept, so that a client that guesses paths cannot fill the memory.</summary>
        public byte[]? Body(string path, bool aggregated, string host)
        {
            var key = (path, aggregated, path == "/api" && !aggregated ? host : "");
            if (_bodies.TryGetValue(key, out var body))
            {
                return body;
            }

            body = Document(path, aggregated, host) is { } document ? Encoding.UTF8.GetBytes(document.ToJsonString()) : null;
            if (body is not null && key.Item3.Length == 0)
            {
                _bodies[key] = body;
            }

            return body;
        }

        private JsonObject? Document(string path, bool aggregated, string host) => path.Split('/') switch
        {
            ["", "api"] => aggregated ? _documents.Aggregated(core: true) : DiscoveryDocuments.CoreVersions(host),
            ["", "apis"] => aggregated ? _documents.Aggregated(core: false) : _documents.Groups(),
            ["", "apis", { Length: > 0 } group] => _documents.Group(group),
            ["", "api", { Length: > 0 } version] => _documents.Resources("", version),
            ["", "apis", { Length: > 0 } group, { Length: > 0 } version] => _documents.Resources(group, version),
            _ => null,
        };
    }
}
