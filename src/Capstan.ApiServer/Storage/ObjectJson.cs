using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Storage;

/// <summary>How objects are read and written as JSON everywhere in the server: what one part accepts, the others must be able to read.</summary>
internal static class ObjectJson
{
    /// <summary>Deepest nesting of an object; Kubernetes allows 10,000 in a body.</summary>
    public const int MaxDepth = 2000;

    /// <summary>For answers, in which an object stands some levels deeper than by itself.</summary>
    private const int MaxAnswerDepth = MaxDepth + 100;

    /// <summary>Of an object as it is stored: refuses to write what is too deep.</summary>
    public static readonly JsonWriterOptions Stored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth, SkipValidation = true };

    /// <summary>Of an answer, on one line.</summary>
    public static readonly JsonWriterOptions Compact = Stored with { MaxDepth = MaxAnswerDepth };

    /// <summary>Of an answer for people.</summary>
    public static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 2, NewLine = "\n" };

    /// <summary>Of a reader.</summary>
    public static readonly JsonReaderOptions Reader = new() { MaxDepth = MaxAnswerDepth };

    /// <summary>Parses what this server wrote.</summary>
    public static JsonObject Parse(ReadOnlyMemory<byte> json) => (JsonObject)JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = MaxAnswerDepth })!;
}
