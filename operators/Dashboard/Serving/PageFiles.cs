using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Capstan.Dashboard.Serving;

/// <summary>The front end itself: files that hold nothing of the cluster.</summary>
internal static class PageFiles
{
    private const string Index = "index.html";

    private static readonly Dictionary<string, string> _types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private static readonly Dictionary<string, byte[]> _files = Read();

    /// <summary>Names of the files.</summary>
    public static IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>Answers below a path; the path itself leads to the page.</summary>
    public static async Task ServeAsync(HttpContext context, string below)
    {
        var (request, response) = (context.Request, context.Response);
        SafeHeaders.Set(response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (request.Path == below)
        {
            // Relative, and so right behind any proxy.
            response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = $"{below.TrimStart('/')}/";
            return;
        }

        request.Path.StartsWithSegments(below, StringComparison.Ordinal, out var rest);
        var name = rest.Value is "/" or "" or null ? Index : rest.Value[1..];
        if (!_files.TryGetValue(name, out var bytes))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.Headers.CacheControl = "no-cache";
        response.ContentType = _types[Path.GetExtension(name)];
        response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private static Dictionary<string, byte[]> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => _types.ContainsKey(Path.GetExtension(name))))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[name] = bytes;
        }

        return files;
    }
}
