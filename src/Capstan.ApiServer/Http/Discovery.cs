using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Answers what is served: <c>/api</c>, <c>/apis</c>, <c>/apis/GROUP</c>, <c>/api/v1</c> and <c>/apis/GROUP/VERSION</c>.</summary>
/// <remarks>Documents are written once per catalogue model and path, and kept until the model is swapped. Safe for any number of threads.
/// The two roots have a second form, in which one document holds all groups, versions and resources (aggregated discovery, KEP-3352).</remarks>
internal sealed class Discovery(Catalogue catalogue, Func<IReadOnlyList<AggregatedVersion>> aggregated)
{
    private volatile DiscoveryModel? _model;

    /// <summary>Whether there is a document at a path (without a slash at its end).</summary>
    public bool Serves(string path) => Model.Body(path, aggregated: false, "") is not null;

    /// <summary>The document at a path, as JSON in UTF-8; null when nothing is served there.</summary>
    /// <param name="path">Path of the URL.</param>
    /// <param name="aggregated">Whether one of the two roots is wanted in its second form.</param>
    /// <param name="host">Host and port by which the client reached the server, for <c>/api</c>.</param>
    public byte[]? Document(string path, bool aggregated, string host) => Model.Body(path, aggregated, host);

    private DiscoveryModel Model
    {
        get
        {
            var model = _model;
            var (current, others) = (catalogue.Current, aggregated());
            return model?.Catalogue == current && model.Aggregated == others ? model : _model = new(current, others);
        }
    }

    /// <summary>Whether any version of a group is served, so that a path below it is a resource that is not found rather than no path at all.</summary>
    public bool ServesGroup(string group) => catalogue.All.Any(r => r.Type.Group == group);

    /// <summary>The documents of one catalogue model, and of what other servers serve.</summary>
    private sealed class DiscoveryModel(CatalogueModel catalogue, IReadOnlyList<AggregatedVersion> aggregated)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<(string, bool, string), byte[]?> _bodies = new();
        private readonly DiscoveryDocuments _documents = new(catalogue, aggregated);

        public CatalogueModel Catalogue { get; } = catalogue;

        public IReadOnlyList<AggregatedVersion> Aggregated { get; } = aggregated;

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
