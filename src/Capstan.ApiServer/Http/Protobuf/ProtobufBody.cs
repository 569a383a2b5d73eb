using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Reads and writes objects in Kubernetes' protobuf encoding, as clients written in Go exchange built-in kinds.</summary>
/// <remarks>
/// The bytes are <c>k8s\0</c> and an envelope (apimachinery's runtime.Unknown) with apiVersion, kind and the message. What is read comes out as the
/// JSON that the same client would have sent: zero values of fields that are no pointers are left out, as Go's <c>omitempty</c> does.
/// </remarks>
internal static class ProtobufBody
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>The object as UTF-8 JSON.</summary>
    /// <exception cref="FormatException">It is not that encoding, or a kind that has none, such as a custom resource; the message says why.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new FormatException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        string apiVersion = "", kind = "";
        var content = default(ReadOnlySpan<byte>);
        for (var envelope = new ProtobufReader(bytes[Magic.Length..]); !envelope.IsAtEnd;)
        {
            switch (envelope.ReadTag())
            {
                case (1, WireType.Bytes):
                    (apiVersion, kind) = ReadType(envelope.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    content = envelope.ReadBytes();
                    break;
                case var (_, wire):
                    envelope.Skip(wire);
                    break;
            }
        }

        var message = MessageTable.NameOf(GroupVersionKind.Parse(apiVersion, kind))
            ?? throw new FormatException($"no kind \"{kind}\" is registered for version \"{apiVersion}\" in the protobuf encoding");
        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        MessageReader.Fill(json, content, message);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    /// <summary>Whether objects of a kind, or lists of them, can be written so.</summary>
    public static bool CanWrite(GroupVersionKind kind) => MessageTable.NameOf(kind) is not null;

    /// <summary>The bytes of an object, or of a list of objects.</summary>
    /// <exception cref="FormatException">The kind has no such encoding, as custom resources and tables.</exception>
    public static byte[] FromJson(JsonObject json)
    {
        var (apiVersion, kind) = (json.Text("apiVersion") ?? "v1", json.Text("kind") ?? "");
        var type = new ProtobufMessage();
        type.Text(1, apiVersion);
        type.Text(2, kind);
        var envelope = new ProtobufMessage();
        envelope.Message(1, type);
        envelope.Message(2, Content(json, GroupVersionKind.Parse(apiVersion, kind)));
        envelope.Bytes(3, []);
        envelope.Bytes(4, []);
        return [.. Magic, .. envelope.ToArray()];
    }

    private static ProtobufMessage Content(JsonObject json, GroupVersionKind kind)
    {
        if (MessageTable.NameOf(kind) is { } message)
        {
            return MessageWriter.Write(json, message);
        }

        // Lists are all alike: their metadata, then the items.
        var item = kind.Kind.EndsWith("List", StringComparison.Ordinal) ? MessageTable.NameOf(kind with { Kind = kind.Kind[..^4] }) : null;
        if (item is null)
        {
            throw new FormatException($"{kind} has no protobuf encoding");
        }

        var list = new ProtobufMessage();
        list.Message(1, MessageWriter.Write(json.Map("metadata") ?? [], MessageTable.NameOf(new GroupVersionKind("", "v1", "ListMeta"))!));
        foreach (var one in json.Items("items").OfType<JsonObject>())
        {
            list.Message(2, MessageWriter.Write(one, item));
        }

        return list;
    }

    private static (string ApiVersion, string Kind) ReadType(ReadOnlySpan<byte> bytes)
    {
        string apiVersion = "", kind = "";
        for (var type = new ProtobufReader(bytes); !type.IsAtEnd;)
        {
            switch (type.ReadTag())
            {
                case (1, WireType.Bytes):
                    apiVersion = Encoding.UTF8.GetString(type.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    kind = Encoding.UTF8.GetString(type.ReadBytes());
                    break;
                case var (_, wire):
                    type.Skip(wire);
                    break;
            }
        }

        return (apiVersion, kind);
    }
}
