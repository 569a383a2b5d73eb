using System.Text.Json.Nodes;
using Capstan.Tool.Cel;
using Capstan.Yaml;

namespace Capstan.Tool.Templates;

/// <summary>Reads manifests from files, directories and standard input, and knows where each stands.</summary>
internal static class ManifestFiles
{
    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    private const int Largest = 64 << 20;

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>All documents, in the order of the paths and, in a directory and those below it, of the names. A file that is named twice is read once.</summary>
    /// <exception cref="CannotRunException">One cannot be read or does not parse; the message has file and line.</exception>
    public static IReadOnlyList<PlacedManifest> Read(IEnumerable<string> paths, Func<Stream> input)
    {
        try
        {
            return [.. paths.SelectMany(Files).Distinct(StringComparer.Ordinal).SelectMany(file => Documents(file, input))];
        }
        catch (Exception fault) when (fault is YamlFormatException or IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException(fault.Message, fault);
        }
    }

    private static IEnumerable<string> Files(string path) =>
        path == StandardInput || File.Exists(path) ? [path]
        : Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)
        : throw new CannotRunException($"{path}: no such file or directory");

    private static IEnumerable<PlacedManifest> Documents(string file, Func<Stream> input)
    {
        var source = file == StandardInput ? "standard input" : file;
        using var stream = file == StandardInput ? input() : File.OpenRead(file);
        var text = System.Text.Encoding.UTF8.GetString(InputBytes.Read(stream, source, Largest).Span);
        foreach (var document in YamlReader.ReadDocuments(text, source))
        {
            // A List is its items, as for kubectl.
            if (document.Content is JsonObject { } list && list["items"] is JsonArray items && PlacedManifest.TextOf(list["kind"]) is { } kind && kind.EndsWith("List", StringComparison.Ordinal))
            {
                foreach (var (index, item) in items.Index())
                {
                    yield return new(source, document, $"/items/{index}", item as JsonObject);
                }
            }
            else
            {
                yield return new(source, document, "", document.Content as JsonObject);
            }
        }
    }
}

/// <summary>A manifest and where it stands.</summary>
/// <param name="File">The file.</param>
/// <param name="Document">The document of the file.</param>
/// <param name="Pointer">Where in the document; empty is all of it.</param>
/// <param name="Json">The manifest; null when it is no object.</param>
internal sealed record PlacedManifest(string File, YamlDocument Document, string Pointer, JsonObject? Json)
{
    /// <summary>Its kind with its group, for example <c>KubeTemplate.kubetemplater.io</c>; empty when it says none.</summary>
    public string Kind => Json is not null && TextOf(Json["kind"]) is { } kind && TextOf(Json["apiVersion"]) is { } version
        ? version.Split('/') is [var group, _] ? $"{kind}.{group}" : kind
        : "";

    /// <summary>Where a part of it stands.</summary>
    public YamlPlace PlaceOf(string pointer) => Document.PlaceOf(Pointer + pointer);

    /// <summary>A text; null for anything else.</summary>
    public static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
