using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the events of one watch, one JSON document per line, in the client's representation.</summary>
internal sealed class WatchEvents(ServedResource served, Representation representation, RequestInfo request, Responder responder)
{
    private bool _columnsSent;

    /// <summary>The revision up to which the client knows everything.</summary>
    public long Revision { get; private set; }

    public void ResumeAfter(long revision) => Revision = revision;

    /// <summary>Writes what a change means for a client that sees the selected objects only: one that comes to match is added, one that no longer does is deleted.</summary>
    public void Write(IBufferWriter<byte> body, Selection selection, Change change)
    {
        if (change.Revision <= Revision)
        {
            return;
        }

        Revision = change.Revision;
        var (was, now) = (selection.Matches(change.Before), selection.Matches(change.After));
        if (now)
        {
            Write(body, was ? "MODIFIED"u8 : "ADDED"u8, change.After!);
        }
        else if (was)
        {
            Write(body, "DELETED"u8, change.Removed);
        }
    }

    public void Write(IBufferWriter<byte> body, ReadOnlySpan<byte> type, StoredObject stored)
    {
        var json = ObjectBytes.InVersion(served, stored);
        Line(body, type, representation.Shape switch
        {
            Shape.Object => json.Span,
            Shape.Table => Table(json),
            _ => ObjectBytes.MetadataOnly(json.Span, representation.MetaVersion),
        });
    }

    public void WriteBookmark(IBufferWriter<byte> body, long revision, bool initialEventsEnd)
    {
        Revision = Math.Max(Revision, revision);
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (initialEventsEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var mark = new JsonObject { ["kind"] = served.Type.Kind, ["apiVersion"] = served.Type.ApiVersion, ["metadata"] = metadata };
        var json = ObjectBytes.Of(mark);
        Line(body, "BOOKMARK"u8, representation.Shape switch
        {
            Shape.Object => json,
            Shape.Table => Table(json),
            _ => ObjectBytes.MetadataOnly(json, representation.MetaVersion),
        });
    }

    public void WriteError(IBufferWriter<byte> body, ApiError error) => Line(body, "ERROR"u8, ObjectBytes.Of(error.Status, pretty: false));

    private byte[] Table(ReadOnlyMemory<byte> json)
    {
        var table = responder.Table(served, representation.MetaVersion, request, [json], metadata: null, columns: !_columnsSent);
        _columnsSent = true;
        return table;
    }

    private static void Line(IBufferWriter<byte> body, ReadOnlySpan<byte> type, ReadOnlySpan<byte> json)
    {
        body.Write("{\"type\":\""u8);
        body.Write(type);
        body.Write("\",\"object\":"u8);
        body.Write(json);
        body.Write("}\n"u8);
    }
}
