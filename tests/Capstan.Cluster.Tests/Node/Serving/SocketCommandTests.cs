using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Tests.Node.Serving;

/// <summary>Commands over WebSockets, in each protocol that clients speak: what goes over the wire, byte for byte.</summary>
public sealed class SocketCommandTests : IDisposable
{
    private readonly ShellNode _shell = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("base64.channel.k8s.io", false)]
    [InlineData("v4.base64.channel.k8s.io", true)]
    public async Task In_base64_messages_are_text_with_a_digit_before_them(string protocol, bool tellsStatus)
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node, protocol, "read line; echo \"<$line>\"; echo bad >&2; exit 7");
        Assert.Equal(protocol, socket.SubProtocol);
        await SendAsync(socket, WebSocketMessageType.Text, $"0{Base64("typed\n")}");
        var messages = await ReadAsync(socket, WebSocketMessageType.Text);
        Assert.Equal("1", messages[0]);
        Assert.Equal("<typed>\n", Of('1', messages));
        Assert.Equal("bad\n", Of('2', messages));
        if (tellsStatus)
        {
            var status = JsonNode.Parse(Of('3', messages))!;
            Assert.Equal(("Failure", "NonZeroExitCode", "7"), ((string?)status["status"], (string?)status["reason"], (string?)status["details"]!["causes"]![0]!["message"]));
        }
        else
        {
            Assert.Equal("command terminated with non-zero exit code: exit status 7", Of('3', messages));
        }
    }

    [Theory]
    [InlineData("channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("v5.channel.k8s.io")]
    public async Task In_bytes_messages_have_a_byte_before_them(string protocol)
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node, protocol, "read line; echo \"<$line>\"");
        await SendAsync(socket, WebSocketMessageType.Binary, "\0typed\n");
        var messages = await ReadAsync(socket, WebSocketMessageType.Binary);
        Assert.Equal("\u0001", messages[0]);
        Assert.Equal("<typed>\n", string.Concat(messages.Where(message => message[0] == 1).Select(message => message[1..])));
        var end = messages.SingleOrDefault(message => message[0] == 3);
        Assert.Equal(protocol == "channel.k8s.io" ? null : "Success", end is null ? null : (string?)JsonNode.Parse(end[1..])!["status"]);
    }

    [Fact]
    public async Task What_is_no_base64_ends_the_command_and_nothing_else()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node, "v4.base64.channel.k8s.io", "echo $$ > /data/pid; exec sleep 1000");
        await Testing.Eventually.SeeAsync("the command to run", async _ => await ShellNode.DoAsync(node, "web", "cat /data/pid || true"), text => text.Length > 0 && char.IsAsciiDigit(text[0]), cancellationToken: Stop);
        await SendAsync(socket, WebSocketMessageType.Text, "0%%%");
        await Testing.Eventually.SeeAsync("the command to end", async _ => await ShellNode.DoAsync(node, "web", "kill -0 $(cat /data/pid) || echo ended"), text => text.Contains("ended", StringComparison.Ordinal), cancellationToken: Stop);
        Assert.Equal("still here\n", await ShellNode.DoAsync(node, "web", "echo still here"));
    }

    private async Task<NodeFixture> StartAsync()
    {
        var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync("web", "{terminationGracePeriodSeconds: 1, containers: [{name: main, image: shell}]}");
        await node.SeeReadyAsync("web");
        return node;
    }

    private static async Task<ClientWebSocket> OpenAsync(NodeFixture node, string protocol, string script)
    {
        var config = node.Client.Config;
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        socket.Options.ClientCertificates.Add(X509Certificate2.CreateFromPem(config.ClientCertificate, config.ClientKey));

        // Whose certificate the server shows is tested elsewhere.
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        var command = string.Join('&', ((string[])["/bin/sh", "-c", script]).Select(part => $"command={Uri.EscapeDataString(part)}"));
        await socket.ConnectAsync(new($"wss://{config.Server.Authority}/api/v1/namespaces/shop/pods/web/exec?stdin=true&stdout=true&stderr=true&{command}"), Stop);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, WebSocketMessageType type, string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message), type, endOfMessage: true, Stop);

    private static async Task<List<string>> ReadAsync(ClientWebSocket socket, WebSocketMessageType type)
    {
        var (messages, buffer) = (new List<string>(), new byte[64 << 10]);
        while (true)
        {
            var length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), Stop);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                return messages;
            }

            Assert.Equal(type, part.MessageType);
            messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Of(char channel, IEnumerable<string> messages) =>
        Encoding.UTF8.GetString([.. messages.Where(message => message[0] == channel).SelectMany(message => Convert.FromBase64String(message[1..]))]);
}
