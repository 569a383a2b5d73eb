using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Reads an object that a client sent in Kubernetes' protobuf encoding, as <c>kubectl create</c> does for built-in kinds.</summary>
/// <remarks>
/// The bytes are <c>k8s\0</c> and an envelope (apimachinery's runtime.Unknown) with apiVersion, kind and the message. What comes out is the
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
