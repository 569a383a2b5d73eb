using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Capstan.Client;

/// <summary>One request, as often as it is tried.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="PathAndQuery">Begins with a slash.</param>
/// <param name="Description">Verb and object for error messages.</param>
internal sealed record ApiRequest(HttpMethod Method, string PathAndQuery, string Description)
{
    public ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; }

    public string? Accept { get; init; }

    public RequestClass Class { get; init; }

    /// <summary>Whether a second try after 429 or 503 cannot do harm.</summary>
    public bool MayRetry { get; init; } = true;
}

/// <summary>What kind of answer a request has, which says what connection it goes over.</summary>
internal enum RequestClass
{
    /// <summary>One object, at once.</summary>
    Single,

    /// <summary>Many objects, one body of megabytes.</summary>
    List,

    /// <summary>Events, for minutes.</summary>
    Watch,
}

/// <summary>The whole answer to a request that succeeded.</summary>
internal readonly record struct ApiAnswer(byte[] Body, MediaTypeHeaderValue? ContentType);

internal static class MediaTypes
{
    public const string Json = "application/json";

    /// <summary>An object, or the events of a watch, without spec and status. A server that cannot leaves them in.</summary>
    public const string Metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    /// <summary>The same of a list.</summary>
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    public static string Of(PatchType type) => type switch
    {
        PatchType.Json => "application/json-patch+json",
        PatchType.Merge => "application/merge-patch+json",
        PatchType.StrategicMerge => "application/strategic-merge-patch+json",
        PatchType.Apply => "application/apply-patch+yaml",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}

/// <summary>Builds the query of a URL.</summary>
internal sealed class QueryText
{
    private readonly StringBuilder _text = new();

    public QueryText Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public QueryText Add(WriteOptions options) =>
        Add("fieldManager", options.FieldManager).Add("dryRun", options.DryRun ? "All" : null).Add("fieldValidation", options.FieldValidation);

    public QueryText Add(PatchOptions options, bool isApply) =>
        Add("fieldManager", options.FieldManager).Add("force", isApply && options.Force ? "true" : null)
            .Add("dryRun", options.DryRun ? "All" : null).Add("fieldValidation", options.FieldValidation);

    public override string ToString() => _text.ToString();
}

/// <summary>The body of a deletion (meta/v1 DeleteOptions) and what is read of its answer.</summary>
internal static class DeletionBody
{
    public static byte[] Write(DeleteOptions options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", "v1");
            writer.WriteString("kind", "DeleteOptions");
            if (options.Uid is not null || options.ResourceVersion is not null)
            {
                writer.WriteStartObject("preconditions");
                if (options.Uid is not null)
                {
                    writer.WriteString("uid", options.Uid);
                }

                if (options.ResourceVersion is not null)
                {
                    writer.WriteString("resourceVersion", options.ResourceVersion);
                }

                writer.WriteEndObject();
            }

            if (options.PropagationPolicy is not null)
            {
                writer.WriteString("propagationPolicy", options.PropagationPolicy);
            }

            if (options.GracePeriodSeconds is { } seconds)
            {
                writer.WriteNumber("gracePeriodSeconds", seconds);
            }

            if (options.DryRun)
            {
                writer.WriteStartArray("dryRun");
                writer.WriteStringValue("All");
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Uid of the object that a Status tells of; null if it does not say.</summary>
    public static string? ReadUid(ReadOnlySpan<byte> status) => JsonSerializer.Deserialize(status, ObjectsJson.Default.ApiStatus)?.Details?.Uid;
}
