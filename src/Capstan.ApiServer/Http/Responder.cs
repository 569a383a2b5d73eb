using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http.Protobuf;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Writes an answer in the client's representation.</summary>
internal sealed class Responder(Tables tables)
{
    // Smaller answers are not worth the time of compressing; Kubernetes draws the line at the same size.
    private const int CompressFrom = 128 << 10;

    public async Task WriteAsync(HttpContext http, RequestInfo request, Representation representation, Answer answer, IReadOnlyList<string> warnings)
    {
        var response = http.Response;
        response.StatusCode = answer.Code;
        WarningHeaders.Write(response.Headers, warnings);

        switch (answer)
        {
            case StatusAnswer status:
                await WriteNodeAsync(http, representation, ObjectBytes.Of(status.Status, pretty: false));
                break;
            case ObjectAnswer one:
                await WriteNodeAsync(http, representation, Shaped(one, request, representation));
                break;
            case ListAnswer list when representation is { Shape: Shape.Object, Format: Format.Json, Pretty: false }:
                await WriteListAsync(http, list, metadataOnly: null);
                break;
            case ListAnswer { Items.Count: > 0 } list when representation is { Shape: Shape.MetadataList, Format: Format.Json, Pretty: false }:
                await WriteListAsync(http, list, metadataOnly: representation.MetaVersion);
                break;
            case ListAnswer list:
                await WriteNodeAsync(http, representation, Shaped(list, request, representation));
                break;
            case DocumentAnswer { Code: 204 }:
                break;
            case DocumentAnswer document:
                response.ContentType = document.ContentType;
                if (document.ETag is not null)
                {
                    response.Headers.ETag = document.ETag;
                }

                if (document.Code != 204)
                {
                    await WriteBytesAsync(http, document.Body);
                }

                break;
        }
    }

    private ReadOnlyMemory<byte> Shaped(ObjectAnswer answer, RequestInfo request, Representation representation)
    {
        switch (representation.Shape)
        {
            case Shape.MetadataList:
                throw ApiError.NotAcceptable($"you requested PartialObjectMetadataList, but the requested object is not a list ({GoName(answer.Served, "")})");
            case Shape.Metadata:
                return ObjectBytes.MetadataOnly(answer.Json.Span, representation.MetaVersion);
            case Shape.Table when answer.Served is { } served:
                return Table(served, representation.MetaVersion, request, [answer.Json], metadata: null, columns: true);
            default:
                return answer.Json;
        }
    }

    private byte[] Shaped(ListAnswer list, RequestInfo request, Representation representation)
    {
        var items = list.Items.Select(i => ObjectBytes.InVersion(list.Served, i));
        switch (representation.Shape)
        {
            case Shape.Metadata:
                throw ApiError.NotAcceptable($"you requested PartialObjectMetadata, but the requested object is a list ({GoName(list.Served, "List")})");
            case Shape.Table:
                return Table(list.Served, representation.MetaVersion, request, items, Metadata(list), columns: true);
        }

        var metadataOnly = representation.Shape == Shape.MetadataList;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact);
        WriteHead(writer, metadataOnly ? "PartialObjectMetadataList" : list.Served.ListKind, metadataOnly ? representation.MetaVersion : list.Served.Type.ApiVersion, list);
        if (metadataOnly && list.Items.Count == 0)
        {
            // Kubernetes makes this one list by appending to nothing.
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteRawValue(metadataOnly ? ObjectBytes.MetadataOnly(item.Span, representation.MetaVersion) : Item(list.Served, item).Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One object, or several, as a Table.</summary>
    public byte[] Table(ServedResource served, string metaVersion, RequestInfo request, IEnumerable<ReadOnlyMemory<byte>> objects, JsonObject? metadata, bool columns)
    {
        var include = Include(request);
        var parsed = objects.Select(ObjectJson.Parse);
        if (metadata is null)
        {
            var only = parsed.Single();
            metadata = only.Text("metadata", "resourceVersion") is { } version ? new JsonObject { ["resourceVersion"] = version } : [];
            parsed = [only];
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact);
        tables.Write(writer, served, metadata, parsed, include, columns);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="ApiError">400: rows cannot carry that.</exception>
    public static TableObject Include(RequestInfo request) =>
        Tables.TryReadIncludeObject(request.Query["includeObject"], out var include, out var message) ? include : throw ApiError.BadRequest(message);

    private static JsonObject Metadata(ListAnswer list)
    {
        var metadata = new JsonObject { ["resourceVersion"] = list.Revision.ToString(CultureInfo.InvariantCulture) };
        if (list.Continue is not null)
        {
            metadata["continue"] = list.Continue;
        }

        if (list.Remaining is { } remaining)
        {
            metadata["remainingItemCount"] = remaining;
        }

        return metadata;
    }

    private static void WriteHead(Utf8JsonWriter writer, string kind, string apiVersion, ListAnswer list)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, kind);
        writer.WriteString("apiVersion"u8, apiVersion);
        writer.WritePropertyName("metadata"u8);
        var metadata = Metadata(list);
        if (list.Served.IsCustom && list.Continue is null)
        {
            // Lists of custom resources have it always: they are written without Go's types.
            metadata["continue"] = "";
        }

        metadata.WriteTo(writer);
        writer.WritePropertyName("items"u8);
    }

    // The common cases go from the store to the socket, object by object.
    private static async Task WriteListAsync(HttpContext http, ListAnswer list, string? metadataOnly)
    {
        var items = list.Items;
        var response = http.Response;
        response.ContentType = "application/json";
        long size = 0;
        foreach (var item in items)
        {
            size += item.Json.Length;
        }

        var head = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(head, ObjectJson.Compact))
        {
            WriteHead(writer, metadataOnly is null ? list.Served.ListKind : "PartialObjectMetadataList", metadataOnly ?? list.Served.Type.ApiVersion, list);
            writer.Flush();
        }

        head.Write("["u8);
        await using var body = Compressed(http, size) ?? response.Body;
        await body.WriteAsync(head.WrittenMemory);
        var buffer = new ArrayBufferWriter<byte>(64 << 10);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            var json = ObjectBytes.InVersion(list.Served, items[i]);
            if (metadataOnly is not null)
            {
                buffer.Write(ObjectBytes.MetadataOnly(json.Span, metadataOnly));
            }
            else if (list.Served.IsCustom)
            {
                buffer.Write(json.Span);
            }
            else
            {
                buffer.Write("{"u8);
                buffer.Write(StoredObject.Untyped(json).Span);
            }

            if (buffer.WrittenCount >= 48 << 10)
            {
                await body.WriteAsync(buffer.WrittenMemory);
                buffer.ResetWrittenCount();
            }
        }

        buffer.Write("]}\n"u8);
        await body.WriteAsync(buffer.WrittenMemory);
    }

    // Items of built-in kinds do not repeat kind and apiVersion.
    private static ReadOnlyMemory<byte> Item(ServedResource served, ReadOnlyMemory<byte> json) =>
        served.IsCustom ? json : (byte[])[(byte)'{', .. StoredObject.Untyped(json).Span];

    private static async Task WriteNodeAsync(HttpContext http, Representation representation, ReadOnlyMemory<byte> json)
    {
        http.Response.ContentType = representation.ContentType;
        await WriteBytesAsync(http, representation switch
        {
            { Format: Format.Yaml } => System.Text.Encoding.UTF8.GetBytes(YamlWriter.Write(Sorted(Parsed(json)))),
            { Format: Format.Protobuf } => ProtobufBody.FromJson(Parsed(json)),
            { Pretty: true } => ObjectBytes.Of(Parsed(json), pretty: true),
            _ => (byte[])[.. json.Span, (byte)'\n'],
        });
    }

    // Kubernetes writes the fields of YAML in the order of their names.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static JsonObject Parsed(ReadOnlyMemory<byte> json) => ObjectJson.Parse(json);

    private static async Task WriteBytesAsync(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        if (Compressed(http, bytes.Length) is { } compressed)
        {
            await using (compressed)
            {
                await compressed.WriteAsync(bytes);
            }

            return;
        }

        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }

    private static GZipStream? Compressed(HttpContext http, long size)
    {
        if (size < CompressFrom || !http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        http.Response.Headers.ContentEncoding = "gzip";
        http.Response.Headers.Vary = "Accept-Encoding";
        return new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }

    private static string GoName(ServedResource? served, string suffix) => served is null || served.IsCustom
        ? $"*unstructured.Unstructured{suffix}"
        : $"*{(served.Type.Group.Length == 0 ? "core" : served.Type.Group.Split('.')[0])}.{served.Type.Kind}{suffix}";
}
