using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Answers what is not about a resource: discovery, version, health and metrics.</summary>
internal sealed class Documents(Discovery discovery, OpenApiDocuments openApi, RequestMetrics metrics, Func<bool> isReady)
{
    /// <summary>What no path of this server answers.</summary>
    public static readonly DocumentAnswer NotFound = Text(404, "404 page not found\n");

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

    public Answer Answer(HttpContext http, RequestInfo request)
    {
        if (request.Verb is not ("get" or "head"))
        {
            return new StatusAnswer(405, ApiError.MethodNotAllowed().Status);
        }

        var path = request.Path.Length > 1 ? request.Path.TrimEnd('/') : request.Path;
        return path switch
        {
            "/version" => new DocumentAnswer(200, "application/json", Version),
            "/metrics" => new DocumentAnswer(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(metrics.Exposition())),
            "/healthz" or "/livez" or "/readyz" => Health(path, request),
            "/healthz/ping" or "/livez/ping" or "/readyz/ping" => Text(200, "ok"),
            "/api" or "/apis" => Discover(http, path),
            _ when path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/apis/", StringComparison.Ordinal) => Discover(http, path),
            _ when path.StartsWith("/openapi/", StringComparison.Ordinal) => OpenApi(http, path),
            _ => NotFound,
        };
    }

    private Answer OpenApi(HttpContext http, string path)
    {
        var headers = http.Request.Headers;
        if (openApi.TryAnswer(path, http.Request.Query["hash"], headers.Accept, headers.IfNoneMatch) is not { } answer)
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

    private Answer Discover(HttpContext http, string path)
    {
        var accept = http.Request.Headers.Accept.ToString();
        if (path is "/api" or "/apis")
        {
            http.Response.Headers.Vary = "Accept";
            if (!Http.Discovery.IsAcceptable(accept))
            {
                throw ApiError.NotAcceptable("only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf");
            }
        }

        return discovery.TryAnswer(path, accept, http.Request.Host.ToString(), out var body, out var type)
            ? new DocumentAnswer(200, type, body)
            : path.StartsWith("/api/", StringComparison.Ordinal) || (path.Split('/') is ["", "apis", var group, _] && discovery.ServesGroup(group)) ? new StatusAnswer(404, ApiError.NoSuchResource().Status) : NotFound;
    }

    private DocumentAnswer Health(string path, RequestInfo request)
    {
        var ready = path != "/readyz" || isReady();
        if (request.Query.ContainsKey("verbose"))
        {
            var check = path[1..];
            return Text(ready ? 200 : 500, $"[+]ping ok\n{(ready ? "[+]" : "[-]")}storage {(ready ? "ok" : "failed")}\n{check} check {(ready ? "passed" : "failed")}\n");
        }

        return ready ? Text(200, "ok") : Text(500, "not ready");
    }

    private static DocumentAnswer Text(int code, string text) => new(code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
}
