using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Capstan.ApiServer.Http.Protobuf;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Capstan.ApiServer.Http;

/// <summary>Reads request bodies: bounded in size, JSON, YAML or protobuf.</summary>
internal static class Bodies
{
    /// <summary>Kubernetes' own limit.</summary>
    public const int MaxBytes = 3 << 20;

    private const int ExcerptBytes = 30;

    /// <summary>The whole body.</summary>
    /// <exception cref="ApiError">413: it is larger than <see cref="MaxBytes"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await ReadAsync(reader, http.RequestAborted);
            if (result.Buffer.Length > MaxBytes)
            {
                throw TooLarge();
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken aborted)
    {
        try
        {
            return await reader.ReadAsync(aborted);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // Chunks whose length is no number.
            throw ApiError.BadRequest(e.Message);
        }
    }

    /// <summary>An object in the format that the client names; JSON when it names none.</summary>
    /// <exception cref="ApiError">415: a format that is not spoken here; 400: broken.</exception>
    public static Body Decode(HttpRequest request, byte[] bytes, string kind)
    {
        var type = MediaType(request);
        var duplicates = new List<string>();
        try
        {
            var value = type switch
            {
                "" or "application/json" or "*/*" => JsonDecoder.Decode(bytes, duplicates),
                "application/yaml" when !Utf8.IsValid(bytes) => throw Unrecognized(kind, "yaml: invalid leading UTF-8 octet", bytes),
                "application/yaml" => Sorted(YamlReader.ReadFirst(Encoding.UTF8.GetString(bytes), "yaml", duplicates)),
                ProtobufBody.MediaType => JsonDecoder.Decode(ProtobufBody.ToJson(bytes)),
                _ => throw UnknownFormat(),
            };
            CheckHead(value);
            if (value.Text("apiVersion") is { } apiVersion && apiVersion.AsSpan().Count('/') > 1)
            {
                throw Unrecognized(kind, $"unexpected GroupVersion string: {apiVersion}", bytes);
            }

            return type == "application/yaml"
                ? new Body(value, duplicates) { IsYaml = true }
                : new Body(value, [.. duplicates.Select(d => $"duplicate field {GoFormat.Quote(d)}")]);
        }
        catch (YamlFormatException e)
        {
            throw Unrecognized(kind, YamlFaults.Message(e), bytes);
        }
        catch (FormatException e)
        {
            throw Unrecognized(kind, type == ProtobufBody.MediaType ? e.Message : $"couldn't get version/kind; json parse error: {e.Message}", bytes);
        }
    }

    /// <summary>The content type without parameters, in lower case; as it stands, which is no known one, where its parameters are broken.</summary>
    public static string MediaType(HttpRequest request)
    {
        var text = request.ContentType ?? "";
        return text.Length == 0 || MediaTypeHeaderValue.TryParse(text, out _) ? text.Split(';')[0].Trim().ToLowerInvariant() : text;
    }

    public static ApiError UnknownFormat() => ApiError.UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");

    // Kubernetes turns YAML into JSON with sorted keys first: of several faults it tells that of the first.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static void CheckHead(JsonNode? value)
    {
        if (value is not (null or JsonObject))
        {
            throw new FormatException(
                $"json: cannot unmarshal {GoTypes.NameOf(value)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
        }

        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (value?[field] is { } node && node.GetValueKind() != JsonValueKind.String)
            {
                throw new FormatException($"json: cannot unmarshal {GoTypes.NameOf(node)} into Go struct field .{field} of type string");
            }
        }
    }

    private static ApiError Unrecognized(string kind, string why, byte[] bytes) =>
        ApiError.BadRequest($"the object provided is unrecognized (must be of type {kind}): {why} ({Excerpt(bytes)})");

    private static ApiError TooLarge() => ApiError.TooLarge($"Request entity too large: limit is {MaxBytes}");

    // What cannot be read is quoted as far as it helps: text as it stands, anything else in hexadecimal.
    private static string Excerpt(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return "<empty>";
        }

        var start = bytes.AsSpan(0, Math.Min(bytes.Length, ExcerptBytes));
        return (bytes[0] == (byte)'{' ? Encoding.UTF8.GetString(start) : Convert.ToHexStringLower(start)) + (bytes.Length > ExcerptBytes ? " ..." : "");
    }
}
