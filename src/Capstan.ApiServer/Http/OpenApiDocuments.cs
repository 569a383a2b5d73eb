using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>An answer to a request for an OpenAPI document.</summary>
/// <param name="Code">200, 301 (the hash of the URL is not that of the document) or 304 (the client has it).</param>
/// <param name="ContentType">Content type.</param>
/// <param name="Body">Empty but with 200.</param>
/// <param name="ETag">Hash of the document in double quotes; null for the root.</param>
/// <param name="Location">Where to go, with 301.</param>
/// <param name="IsImmutable">Whether the URL names this very document by its hash, so that it may be cached for ever.</param>
internal sealed record OpenApiAnswer(int Code, string ContentType, byte[] Body, string? ETag = null, string? Location = null, bool IsImmutable = false);

/// <summary>Answers <c>/openapi/v3</c> with its documents by group and version, and <c>/openapi/v2</c>.</summary>
/// <remarks>Each document is made when it is first asked for, and kept until the catalogue changes. Safe for any number of threads.</remarks>
internal sealed class OpenApiDocuments(Catalogue catalogue)
{
    private const string Json = "application/json";
    private volatile Made? _made;

    /// <summary>The answer at a path; null when there is no such document (404 with an empty body).</summary>
    /// <param name="path">Path of the URL without a slash at its end.</param>
    /// <param name="hash">The <c>hash</c> query parameter; null when absent.</param>
    /// <param name="accept">Accept header: the second version is also written as protobuf.</param>
    /// <param name="ifNoneMatch">If-None-Match header.</param>
    public OpenApiAnswer? TryAnswer(string path, string? hash, string? accept, string? ifNoneMatch)
    {
        var made = _made;
        var current = catalogue.Current;
        if (made?.Catalogue != current)
        {
            _made = made = new(current);
        }

        return path switch
        {
            "/openapi/v3" => new(200, "text/plain; charset=utf-8", made.Root.Body),
            "/openapi/v2" when accept?.Contains("proto-openapi.spec.v2", StringComparison.Ordinal) == true =>
                Matched(made.SecondAsProtobuf, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", null, path, ifNoneMatch),
            "/openapi/v2" => Matched(made.Second, Json, null, path, ifNoneMatch),
            _ when path.StartsWith("/openapi/v3/", StringComparison.Ordinal) =>
                made.Version(path["/openapi/v3/".Length..]) is { } document ? Matched(document, Json, hash, path, ifNoneMatch) : null,
            _ => null,
        };
    }

    private static OpenApiAnswer Matched(Document document, string contentType, string? hash, string path, string? ifNoneMatch)
    {
        var etag = $"\"{document.Hash}\"";
        return !string.IsNullOrEmpty(hash) && hash != document.Hash ? new(301, contentType, [], etag, $"{path}?hash={document.Hash}")
            : ifNoneMatch?.Contains(etag, StringComparison.Ordinal) == true ? new(304, contentType, [], etag, IsImmutable: !string.IsNullOrEmpty(hash))
            : new(200, contentType, document.Body, etag, IsImmutable: !string.IsNullOrEmpty(hash));
    }

    private sealed record Document(byte[] Body)
    {
        public string Hash { get; } = Convert.ToHexString(SHA512.HashData(Body));

        public static Document Of(JsonNode node) => new(ObjectBytes.Of(node));
    }

    /// <summary>The documents of one catalogue model.</summary>
    private sealed class Made(CatalogueModel catalogue)
    {
        private readonly ConcurrentDictionary<string, Document> _versions = new();
        private Document? _root;
        private Document? _second;
        private Document? _secondAsProtobuf;

        public CatalogueModel Catalogue { get; } = catalogue;

        public Document Root => _root ??= MakeRoot();

        public Document Second => _second ??= Document.Of(OpenApiV2.Of(Catalogue.All));

        public Document SecondAsProtobuf => _secondAsProtobuf ??= new(OpenApiV2Protobuf.Write(JsonNode.Parse(Second.Body)!.AsObject()));

        /// <summary>The document of <c>api/v1</c> or <c>apis/GROUP/VERSION</c>.</summary>
        public Document? Version(string name)
        {
            if (_versions.TryGetValue(name, out var document))
            {
                return document;
            }

            var resources = Catalogue.All.Where(r => NameOf(r.Type) == name).ToList();
            return resources.Count == 0 ? null : _versions.GetOrAdd(name, Document.Of(OpenApiV3.Of(resources)));
        }

        private Document MakeRoot()
        {
            var paths = new JsonObject();
            foreach (var name in Catalogue.All.Select(r => NameOf(r.Type)).Distinct().Order(StringComparer.Ordinal))
            {
                paths[name] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{name}?hash={Version(name)!.Hash}" };
            }

            return new(Encoding.UTF8.GetBytes(new JsonObject { ["paths"] = paths }.ToJsonString()));
        }

        private static string NameOf(ResourceType type) => type.CollectionPath()[1..type.CollectionPath().LastIndexOf('/')];
    }
}
