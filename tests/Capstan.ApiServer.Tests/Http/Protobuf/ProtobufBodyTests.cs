using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http.Protobuf;
using Xunit;

namespace Capstan.ApiServer.Tests.Http.Protobuf;

/// <summary>Bodies as kubectl 1.32 sends them for built-in kinds.</summary>
public sealed class ProtobufBodyTests
{
    [Fact]
    public void A_config_map_keeps_its_texts_and_bytes()
    {
        var json = Decode("k8s\0", Envelope("v1", "ConfigMap", Message(
            (1, Message((1, "settings"u8.ToArray()), (3, "default"u8.ToArray()), (11, Message((1, "app"u8.ToArray()), (2, "web"u8.ToArray()))))),
            (2, Message((1, "mode"u8.ToArray()), (2, "slow"u8.ToArray()))),
            (2, Message((1, "empty"u8.ToArray()), (2, []))),
            (3, Message((1, "raw"u8.ToArray()), (2, [0, 255]))))));
        Assert.Equal(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"default","labels":{"app":"web"}},"data":{"mode":"slow","empty":""},"binaryData":{"raw":"AP8="}}""",
            json.ToJsonString());
    }

    [Fact]
    public void Zero_counts_where_go_has_a_pointer_and_is_absent_elsewhere()
    {
        // spec.replicas is a pointer, spec.minReadySeconds is not.
        byte[] spec = [0x08, 0x00, 0x28, 0x00];
        var json = Decode("k8s\0", Envelope("apps/v1", "Deployment", Message((2, spec), (3, []))));
        Assert.Equal("""{"replicas":0}""", json["spec"]!.ToJsonString());
        Assert.Null(json["status"]);
    }

    [Fact]
    public void Ports_are_numbers_or_names_and_volumes_are_inlined()
    {
        byte[] number = [0x08, 0x00, 0x10, 0x50];
        var port = Message((1, "http"u8.ToArray()), (4, number));
        var service = Decode("k8s\0", Envelope("v1", "Service", Message((2, Message((1, port))))));
        Assert.Equal("""[{"name":"http","targetPort":80}]""", service["spec"]!["ports"]!.ToJsonString());

        var volume = Message((1, "v"u8.ToArray()), (2, Message((2, Message()))));
        var pod = Decode("k8s\0", Envelope("v1", "Pod", Message((2, Message((1, volume))))));
        Assert.Equal("""[{"name":"v","emptyDir":{}}]""", pod["spec"]!["volumes"]!.ToJsonString());
    }

    [Fact]
    public void A_projection_of_the_downward_api_is_an_object_that_has_items()
    {
        var file = Message((1, "ns"u8.ToArray()), (2, Message((2, "metadata.namespace"u8.ToArray()))));
        var projected = Message((1, Message((2, Message((1, file))))));
        var volume = Message((1, "v"u8.ToArray()), (2, Message((26, projected))));
        var pod = Decode("k8s\0", Envelope("v1", "Pod", Message((2, Message((1, volume))))));
        Assert.Equal(
            """[{"name":"v","projected":{"sources":[{"downwardAPI":{"items":[{"path":"ns","fieldRef":{"fieldPath":"metadata.namespace"}}]}}]}}]""",
            pod["spec"]!["volumes"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", "expected prefix")]
    [InlineData("6b387300", "no kind")]
    [InlineData("6b3873000a", "unexpected EOF")]
    [InlineData("6b3873000aff", "unexpected EOF")]
    [InlineData("6b38730007", "illegal tag")]
    [InlineData("6b387300ffffffffffffffffffffff", "integer overflow")]
    public void Broken_bytes_are_refused_with_a_reason(string hex, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ProtobufBody.ToJson(Convert.FromHexString(hex))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_kind_without_the_encoding_is_refused() =>
        Assert.Contains("\"Gadget\"", Assert.Throws<FormatException>(() => Decode("k8s\0", Envelope("example.com/v1", "Gadget", []))).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_bytes_after_a_good_beginning_never_do_worse_than_a_format_exception()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            try
            {
                Decode("k8s\0", Envelope("v1", "Pod", bytes));
            }
            catch (FormatException)
            {
                // What such bytes deserve.
            }
        }
    }

    private static JsonObject Decode(string magic, byte[] envelope) =>
        JsonNode.Parse(ProtobufBody.ToJson([.. Encoding.ASCII.GetBytes(magic), .. envelope]))!.AsObject();

    private static byte[] Envelope(string apiVersion, string kind, byte[] message) =>
        Message((1, Message((1, Encoding.UTF8.GetBytes(apiVersion)), (2, Encoding.UTF8.GetBytes(kind)))), (2, message), (3, []), (4, []));

    private static byte[] Message(params (int Number, byte[] Bytes)[] fields)
    {
        var message = new List<byte>();
        foreach (var (number, bytes) in fields)
        {
            message.AddRange(Varint((number << 3) | 2));
            message.AddRange(Varint(bytes.Length));
            message.AddRange(bytes);
        }

        return [.. message];
    }

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
