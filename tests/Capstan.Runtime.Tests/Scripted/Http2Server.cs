using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.Runtime.Tests.Scripted;

/// <summary>An https server that speaks just enough HTTP/2 to refuse: each connection does with its first requests what the test says, and then answers.</summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _authority = TlsServer.NewAuthority();
    private readonly X509Certificate2 _certificate;
    private readonly CancellationTokenSource _end = new();
    private readonly Queue<Manner> _manners;
    private readonly Task _serving;

    /// <param name="manners">What the first requests, in order of arrival over all connections, get; later ones are answered.</param>
    public Http2Server(params Manner[] manners)
    {
        _manners = new(manners);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        _certificate = TlsServer.Sign(_authority, "CN=server", names);
        _listener.Start();
        _serving = ServeAsync();
    }

    public enum Manner
    {
        /// <summary>A config map.</summary>
        Answer,

        /// <summary>GOAWAY: this request was not looked at, and the connection is closed.</summary>
        TurnAway,

        /// <summary>RST_STREAM with REFUSED_STREAM: this request was not looked at.</summary>
        RefuseStream,

        /// <summary>An answer behind a GOAWAY: the connection takes no more requests.</summary>
        AnswerAndGoAway,
    }

    public KubeConfig Config => new() { Server = new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"), CertificateAuthority = _authority.ExportCertificatePem() };

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Requests that were answered.</summary>
    public int Answered { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Connections++;
                all.Add(TalkAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        await using (var tls = new SslStream(client.GetStream()))
        {
            try
            {
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] }, _end.Token);
                await tls.ReadExactlyAsync(new byte[Preface.Length], _end.Token);
                await WriteAsync(tls, 4, 0, 0, []);
                var head = new byte[9];
                var headersOf = 0;
                while (true)
                {
                    await tls.ReadExactlyAsync(head, _end.Token);
                    var body = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                    await tls.ReadExactlyAsync(body, _end.Token);
                    var (type, flags, stream) = (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
                    if (type == 4 && (flags & 1) == 0)
                    {
                        await WriteAsync(tls, 4, 1, 0, []);
                    }
                    else if (type == 6 && (flags & 1) == 0)
                    {
                        await WriteAsync(tls, 6, 1, 0, body);
                    }

                    // HEADERS, or the DATA behind it, ends the request.
                    headersOf = type == 1 ? stream : headersOf;
                    if ((type is 0 or 1) && (flags & 1) != 0 && stream == headersOf && !await TreatAsync(tls, stream))
                    {
                        return;
                    }
                }
            }
            catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException)
            {
                // The client went.
            }
        }
    }

    private async Task<bool> TreatAsync(SslStream tls, int stream)
    {
        var manner = _manners.TryDequeue(out var said) ? said : Manner.Answer;
        switch (manner)
        {
            case Manner.TurnAway:
                await WriteAsync(tls, 7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
                return false;
            case Manner.RefuseStream:
                await WriteAsync(tls, 3, 0, stream, [0, 0, 0, 7]);
                return true;
            case Manner.AnswerAndGoAway:
                var last = new byte[8];
                BinaryPrimitives.WriteInt32BigEndian(last, stream);
                await WriteAsync(tls, 7, 0, 0, last);
                break;
        }

        // ":status: 200" is entry 8 of HPACK's fixed table.
        await WriteAsync(tls, 1, 4, stream, [0x88]);
        await WriteAsync(tls, 0, 1, stream, Encoding.UTF8.GetBytes(WireText.Object("a", 5)));
        Answered++;
        return true;
    }

    private async Task WriteAsync(SslStream tls, byte type, byte flags, int stream, byte[] body)
    {
        var frame = new byte[9 + body.Length];
        frame[1] = (byte)(body.Length >> 8);
        frame[2] = (byte)body.Length;
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        body.CopyTo(frame, 9);
        await tls.WriteAsync(frame, _end.Token);
    }
}
