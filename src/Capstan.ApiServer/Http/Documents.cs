using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Access.Tokens;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Answers what is not about a resource: discovery, version, health, metrics and the keys of tokens.</summary>
internal sealed class Documents(Catalogue catalogue, Aggregator aggregator, AccountTokens tokens, MetricsPage metrics, HealthChecks health)
{
    /// <summary>What no path of this server answers.</summary>
    public static readonly DocumentAnswer NotFound = Text(404, "404 page not found\n");

    /// <summary>What a request gets whose target is no path.</summary>
    public static readonly DocumentAnswer Malformed = Text(400, "400 Bad Request");

    private static readonly byte[] Version = ObjectBytes.Of(
        new JsonObject
        {
            ["major"] = "1",
            ["minor"] = "36",
            ["emulationMajor"] = "1",
            ["emulationMinor"] = "36",
            ["minCompatibilityMajor"] = "1",
            ["minCompatibilityMinor"] = "35",
            ["gitVersion"] = "v1.36.2",
            ["gitCommit"] = "capstan",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "2026-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = "dotnet",
            ["platform"] = $"{(OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : "windows")}/{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant().Replace("x64", "amd64", StringComparison.Ordinal)}",
        },
        pretty: true);

    private readonly Discovery _discovery = new(catalogue, () => aggregator.Versions);
    private readonly OpenApiDocuments _openApi = new(catalogue);
    private readonly IssuerDocuments _issuer = new(tokens);

    /// <summary>The answer, and the form that it is wanted in.</summary>
    /// <exception cref="ApiError">405 or 406.</exception>
    public (Answer Answer, Representation Form) Answer(HttpContext http, RequestInfo request)
    {
        var path = request.Path.Length > 1 ? request.Path.TrimEnd('/') : request.Path;
        if (path is "/apis" or "/api" || path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/apis/", StringComparison.Ordinal))
        {
            return Discover(http, request, path);
        }

        return (Document(http, request, path), Representation.OfError(http.Request));
    }

    private Answer Document(HttpContext http, RequestInfo request, string path)
    {
        switch (path)
        {
            case "/":
                return new ObjectAnswer(200, null, ObjectBytes.Of(new JsonObject { ["paths"] = new JsonArray([.. Paths().Order(StringComparer.Ordinal).Select(p => (JsonNode)p)]) }, pretty: true));
            case "/version":
                CheckMethod(request);
                Representation.CheckType(http.Request, "application/json");
                return new DocumentAnswer(200, "application/json", Version);
            case "/metrics":
                return new DocumentAnswer(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(metrics.Write()));
            case IssuerDocuments.ConfigurationPath:
                CheckMethod(request);
                return _issuer.Configuration(http.Request);
            case IssuerDocuments.KeysPath:
                CheckMethod(request);
                return _issuer.Keys(http.Request);
            case "/openapi/v2" or "/openapi/v3" or ['/', 'o', 'p', 'e', 'n', 'a', 'p', 'i', '/', 'v', '3', '/', ..]:
                return OpenApi(http, path);
            default:
                return health.Answer(request.Path, request.Query) ?? NotFound;
        }
    }

    private DocumentAnswer OpenApi(HttpContext http, string path)
    {
        var headers = http.Request.Headers;
        http.Response.Headers.Vary = "Accept-Encoding, Accept";
        if (path != "/openapi/v3" && !MediaRange.All(http.Request).Any(r => r.Includes("application/json") || r.Subtype.Contains("proto-openapi", StringComparison.Ordinal)))
        {
            return new DocumentAnswer(406, "", ReadOnlyMemory<byte>.Empty);
        }

        if (_openApi.TryAnswer(path, http.Request.Query["hash"], headers.Accept, headers.IfNoneMatch) is not { } answer)
        {
            return new DocumentAnswer(404, "", ReadOnlyMemory<byte>.Empty);
        }

        if (answer.Location is not null)
        {
            http.Response.Headers.Location = answer.Location;
        }

        if (answer.IsImmutable)
        {
            http.Response.Headers.CacheControl = "public, immutable";
        }

        return new DocumentAnswer(answer.Code, answer.ContentType, answer.Body, answer.ETag);
    }

    private (Answer Answer, Representation Form) Discover(HttpContext http, RequestInfo request, string path)
    {
        // The core group's root and what is below a version come from another router than the groups, which answers GET alone.
        var parts = path.Split('/');
        var routed = parts is ["", "api", ..] or ["", "apis", _, _];
        if (!_discovery.Serves(path))
        {
            var isKnown = parts is ["", "api", ..] || (parts is ["", "apis", var group, _] && _discovery.ServesGroup(group));
            return (isKnown ? new StatusAnswer(404, ApiError.NoSuchResource().Status) : NotFound, Representation.OfError(http.Request));
        }

        if (routed)
        {
            CheckMethod(request);
        }

        var form = Representation.OfDiscovery(http.Request, aggregated: path is "/api" or "/apis", routed: path is not "/api" && routed);
        var aggregated = form.Shape == Shape.Discovery;
        if (aggregated)
        {
            http.Response.Headers.Vary = "Accept";
        }

        return (new ObjectAnswer(200, null, _discovery.Document(path, aggregated, http.Request.Host.ToString())!), form);
    }

    private IEnumerable<string> Paths() => catalogue.All.Select(r => r.Type).SelectMany(type => type.Group.Length == 0
            ? (string[])[$"/api/{type.Version}"]
            : [$"/apis/{type.Group}", $"/apis/{type.Group}/{type.Version}"])
        .Concat(aggregator.Versions.SelectMany(v => (string[])[$"/apis/{v.Group}", $"/apis/{v.Group}/{v.Version}"]))
        .Distinct().Concat(["/api", "/apis", "/apis/", IssuerDocuments.ConfigurationPath, IssuerDocuments.KeysPath, "/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"])
        .Concat(health.Paths);

    private static void CheckMethod(RequestInfo request)
    {
        if (request.Method != "GET")
        {
            throw ApiError.MethodNotAllowed();
        }
    }

    private static DocumentAnswer Text(int code, string text) => new(code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
}
