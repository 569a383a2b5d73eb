using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Yaml;

/// <summary>Reads YAML and JSON manifests as Kubernetes does: what comes out is what <c>kubectl</c> would send.</summary>
public static class YamlReader
{
    private static readonly JsonDocumentOptions StrictJson = new() { MaxDepth = YamlComposer.DeepestNesting, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = YamlComposer.DeepestNesting + 8 };

    /// <summary>All documents of a text, in order; empty ones (only comments, or <c>null</c>) are left out.</summary>
    /// <remarks>Plain scalars follow YAML 1.1 as Kubernetes reads it (<c>yes</c> and <c>on</c> are booleans, <c>0755</c> is octal); quoted ones stay
    /// strings; keys become strings; numbers are JSON numbers; anchors, aliases and <c>&lt;&lt;</c> are resolved within bounds, so that a hostile
    /// text costs an error rather than the memory. Pure and thread-safe.</remarks>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="source">What to call the text in errors: a file name, <c>stdin</c>.</param>
    /// <param name="duplicates">What to do with repeated keys; they are refused by default.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, or has no form in JSON.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string text, string source, DuplicateKeys duplicates = DuplicateKeys.Refuse)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.TrimStart('\uFEFF');
        if (text.AsSpan().TrimStart() is ['{', ..] && TryJson(text) is { } json) return [json];
        var documents = new List<JsonNode>();
        var composer = new YamlComposer(text, source);
        while (composer.Next() is { } document)
            if (ToJson(document, new YamlToJson(source, duplicates)) is { } node) documents.Add(node);
        return documents;
    }

    /// <summary>As <see cref="ReadAll"/>, with the places of all parts.</summary>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="source">What to call the text in errors: a file name, <c>stdin</c>.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, or has no form in JSON.</exception>
    public static IReadOnlyList<YamlDocument> ReadDocuments(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.TrimStart('\uFEFF');
        var json = text.AsSpan().TrimStart() is ['{', ..] ? TryJson(text) : null;
        var documents = new List<YamlDocument>();
        try
        {
            var composer = new YamlComposer(text, source);
            while (composer.Next() is { } document)
                if (ToJson(document, new YamlToJson(source, DuplicateKeys.Refuse)) is { } node) documents.Add(new(node, document));
        }
        catch (YamlFormatException) when (json is not null)
        {
            // JSON that is no YAML, for example indented by tabs: what it says is known, where it stands is not.
            return [new(json, null)];
        }

        return documents;
    }

    /// <summary>The first document, as a server reads the body of an apply: later documents are ignored, the last of repeated keys wins, and
    /// <paramref name="repeatedKeys"/> tells each of them in Kubernetes' words (<c>line 6: key "day" already set in map</c>; a key that overrides
    /// a merged one counts too). Null when there is no document, or it is <c>null</c>.</summary>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="source">What to call the text in errors.</param>
    /// <param name="repeatedKeys">Filled with one line per repeated key.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, or has no form in JSON.</exception>
    public static JsonNode? ReadFirst(string text, string source, ICollection<string> repeatedKeys)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.TrimStart('\uFEFF');
        if (text.AsSpan().TrimStart() is ['{', ..] && TryJson(text) is { } json) return json;
        return new YamlComposer(text, source).Next() is { } document
            ? ToJson(document, new YamlToJson(source, DuplicateKeys.LastWins, repeatedKeys))
            : null;
    }

    private static JsonNode? ToJson(YamlNode document, YamlToJson conversion) =>
        JsonNode.Parse(conversion.Convert(document).Span, documentOptions: AnyDepth);

    /// <summary>Most machine-made manifests are JSON and need no YAML parser. Whatever is wrong with the rest, the parser says it with a place.</summary>
    private static JsonNode? TryJson(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: StrictJson);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
