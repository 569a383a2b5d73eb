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
            case ListAnswer list when representation.Format == Format.Protobuf:
                await WriteNodeAsync(http, representation, await WholeAsync(list, request, representation));
                break;
            case ListAnswer list:
                var listed = Body(list, request, representation);
                response.ContentType = representation.ContentType;
                await using (var body = Compressed(http, list.Items.Sum(item => (long)item.Json.Length)) ?? response.Body)
                {
                    await listed.WriteAsync(body, representation.Format, representation.Pretty);
                }

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
                return Table(served, request, answer.Json, columns: true);
            default:
                return answer.Json;
        }
    }

    // Messages say how long their parts are before they come, so that all must be there.
    private async Task<byte[]> WholeAsync(ListAnswer list, RequestInfo request, Representation representation)
    {
        using var whole = new MemoryStream();
        await Body(list, request, representation).WriteAsync(whole, Format.Json, pretty: false);
        return whole.ToArray();
    }

    private ListBody Body(ListAnswer list, RequestInfo request, Representation representation)
    {
        var (served, items) = (list.Served, list.Items);
        ReadOnlyMemory<byte> Json(int i) => ObjectBytes.InVersion(served, items[i]);
        switch (representation.Shape)
        {
            case Shape.Metadata:
                throw ApiError.NotAcceptable($"you requested PartialObjectMetadata, but the requested object is a list ({GoName(served, "List")})");
            case Shape.Table:
                var (include, now) = (Include(request), tables.Now);
                return new ListBody(Tables.Head(served, Metadata(list), withColumns: true), "rows", items.Count, (buffer, i) =>
                {
                    using var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact);
                    Tables.WriteRow(writer, served, ObjectJson.Parse(Json(i)), include, now);
                }) { Empty = Tables.IsMadeByAppending(served) ? "null" : "[]" };
            case Shape.MetadataList:
                // Kubernetes makes this one list by appending to nothing.
                return new ListBody(Head(list, "PartialObjectMetadataList", representation.MetaVersion), "items", items.Count, (buffer, i) =>
                    buffer.Write(ObjectBytes.MetadataOnly(Json(i).Span, representation.MetaVersion))) { Empty = "null" };
            default:
                return new ListBody(Head(list, served.ListKind, served.Type.ApiVersion), "items", items.Count, (buffer, i) =>
                {
                    if (served.IsCustom)
                    {
                        buffer.Write(Json(i).Span);
                        return;
                    }

                    // Items of built-in kinds do not repeat kind and apiVersion.
                    buffer.Write("{"u8);
                    buffer.Write(StoredObject.Untyped(Json(i)).Span);
                });
        }
    }

    /// <summary>One object as a Table.</summary>
    public byte[] Table(ServedResource served, RequestInfo request, ReadOnlyMemory<byte> json, bool columns)
    {
        var obj = ObjectJson.Parse(json);
        JsonObject metadata = obj.Text("metadata", "resourceVersion") is { } version ? new() { ["resourceVersion"] = version } : [];
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact);
        tables.Write(writer, served, metadata, [obj], Include(request), columns);
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

    private static JsonObject Head(ListAnswer list, string kind, string apiVersion)
    {
        var metadata = Metadata(list);
        if (list.Served.IsCustom && list.Continue is null)
        {
            // Lists of custom resources have it always: they are written without Go's types.
            metadata["continue"] = "";
        }

        return new() { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
    }

    private static async Task WriteNodeAsync(HttpContext http, Representation representation, ReadOnlyMemory<byte> json)
    {
        http.Response.ContentType = representation.ContentType;
        await WriteBytesAsync(http, representation switch
        {
            { Format: Format.Yaml } => System.Text.Encoding.UTF8.GetBytes(YamlWriter.Write(ListBody.Sorted(Parsed(json)))),
            { Format: Format.Protobuf } => ProtobufBody.FromJson(Parsed(json)),
            { Pretty: true } => ObjectBytes.Of(Parsed(json), pretty: true),
            _ => (byte[])[.. json.Span, (byte)'\n'],
        });
    }

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
