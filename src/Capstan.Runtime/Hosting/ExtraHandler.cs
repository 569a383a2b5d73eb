using Microsoft.AspNetCore.Http;

namespace Capstan.Hosting;

/// <summary>Something that is served beside the metrics.</summary>
/// <param name="Path">It, and everything below it.</param>
/// <param name="Handler">Answers.</param>
/// <param name="AccessPath">Non-resource URL that a reader must be allowed to get; null: anybody is answered.</param>
internal sealed record ExtraHandler(string Path, RequestDelegate Handler, string? AccessPath)
{
    /// <summary>Whether a request is for this one.</summary>
    public bool Serves(HttpRequest request) => request.Path.StartsWithSegments(Path, StringComparison.Ordinal);
}
