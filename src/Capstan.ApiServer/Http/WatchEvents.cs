using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the events of one watch, one JSON document per line, in the client's representation.</summary>
internal sealed class WatchEvents
{
    private readonly Func<StoredObject, ReadOnlyMemory<byte>> _form;
    private readonly ServedResource _served;
    private readonly Representation _representation;
    private readonly RequestInfo _request;
    private readonly Responder _responder;
    private readonly WatchFrames _frames;
    private bool _columnsSent;

    public WatchEvents(ServedResource served, Representation representation, RequestInfo request, Responder responder, WatchFrames frames)
    {
        (_served, _representation, _request, _responder, _frames) = (served, representation, request, responder, frames);
        _form = Formed;
    }

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
        // What is stored as it is served needs no form of its own, and the first table of a watch is another than the later ones.
        var isOwn = _representation.Shape == Shape.Object ? ObjectBytes.IsAsServed(_served, stored) : _representation.Shape == Shape.Table && !_columnsSent;
        Line(body, type, (isOwn ? Formed(stored) : _frames.Of(stored, _form)).Span);
    }

    public void WriteBookmark(IBufferWriter<byte> body, long revision, bool initialEventsEnd)
    {
        Revision = Math.Max(Revision, revision);
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (initialEventsEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var mark = new JsonObject { ["kind"] = _served.Type.Kind, ["apiVersion"] = _served.Type.ApiVersion, ["metadata"] = metadata };
        var json = ObjectBytes.Of(mark);
        Line(body, "BOOKMARK"u8, _representation.Shape switch
        {
            Shape.Object => json,
            Shape.Table => Table(json),
            _ => ObjectBytes.MetadataOnly(json, _representation.MetaVersion),
        });
    }

    public void WriteError(IBufferWriter<byte> body, ApiError error) => Line(body, "ERROR"u8, ObjectBytes.Of(error.Status, pretty: false));

    private ReadOnlyMemory<byte> Formed(StoredObject stored)
    {
        var json = ObjectBytes.InVersion(_served, stored);
        return _representation.Shape switch
        {
            Shape.Object => json,
            Shape.Table => Table(json),
            _ => ObjectBytes.MetadataOnly(json.Span, _representation.MetaVersion),
        };
    }

    private byte[] Table(ReadOnlyMemory<byte> json)
    {
        var table = _responder.Table(_served, _request, json, columns: !_columnsSent);
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
