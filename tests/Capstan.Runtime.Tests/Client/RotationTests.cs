using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Traps 35 and 36: authorities, certificates and programs' credentials change under a client that runs for months.</summary>
public sealed class RotationTests
{
    private static readonly ObjectKey Key = new("default", "a");

    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trap35_a_replaced_authority_file_is_trusted_within_a_minute_and_the_former_is_not()
    {
        await using var server = new TlsServer("right.example", IPAddress.Loopback);
        var (other, file) = (TlsServer.NewAuthority(), Path.Combine(_directory, "ca.crt"));
        await File.WriteAllTextAsync(file, other.ExportCertificatePem(), Cancel);
        using var client = new KubeClient(
            new() { Server = server.Url, CertificateAuthority = other.ExportCertificatePem(), CertificateAuthorityFile = file }, new() { TimeProvider = _time, Random = new(1) });
        Assert.False(await IsTrustedAsync(client));
        await File.WriteAllTextAsync(file, "-----BEGIN CERTIFICATE-----\nhalf of", Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await IsTrustedAsync(client));
        await File.WriteAllTextAsync(file, server.Authority.ExportCertificatePem(), Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await IsTrustedAsync(client));
        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await IsTrustedAsync(client));
        await File.WriteAllTextAsync(file, other.ExportCertificatePem(), Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await IsTrustedAsync(client), "a connection that the former authority vouched for was used");
    }

    [Fact]
    public async Task Trap36_a_replaced_client_certificate_is_shown_once_its_key_fits()
    {
        await using var server = new TlsServer("right.example", IPAddress.Loopback);
        var (certificate, key) = (Path.Combine(_directory, "tls.crt"), Path.Combine(_directory, "tls.key"));
        await WritePairAsync("CN=one");
        using var client = new KubeClient(
            new()
            {
                Server = server.Url,
                CertificateAuthority = server.Authority.ExportCertificatePem(),
                ClientCertificate = await File.ReadAllTextAsync(certificate, Cancel),
                ClientCertificateFile = certificate,
                ClientKey = await File.ReadAllTextAsync(key, Cancel),
                ClientKeyFile = key,
            },
            new() { TimeProvider = _time });
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal("CN=one", server.ClientSubject);
        var oldKey = await File.ReadAllTextAsync(key, Cancel);
        await WritePairAsync("CN=two");
        var newKey = await File.ReadAllTextAsync(key, Cancel);
        await File.WriteAllTextAsync(key, oldKey, Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal("CN=one", server.ClientSubject);
        await File.WriteAllTextAsync(key, newKey, Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal("CN=two", server.ClientSubject);

        async Task WritePairAsync(string subject)
        {
            using var own = TlsServer.Sign(server.Authority, subject);
            await File.WriteAllTextAsync(certificate, own.ExportCertificatePem(), Cancel);
            await File.WriteAllTextAsync(key, own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancel);
        }
    }

    [Fact]
    public async Task Trap36_a_certificate_of_an_exec_plugin_is_shown_on_a_new_connection()
    {
        await using var server = new TlsServer("right.example", IPAddress.Loopback);
        foreach (var name in new[] { "one", "two" })
        {
            using var own = TlsServer.Sign(server.Authority, "CN=" + name);
            var ends = (name == "one" ? _time.GetUtcNow().AddMinutes(10) : _time.GetUtcNow().AddDays(1)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            var (certificate, key) = (own.ExportCertificatePem().ReplaceLineEndings("\\n"), own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\\n"));
            await File.WriteAllTextAsync(
                Path.Combine(_directory, name),
                $$$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"{{{certificate}}}","clientKeyData":"{{{key}}}","expirationTimestamp":"{{{ends}}}"}}""",
                Cancel);
        }

        var script = $"cat {_directory}/one; cp {_directory}/two {_directory}/one";
        using var client = new KubeClient(
            new()
            {
                Server = server.Url,
                CertificateAuthority = server.Authority.ExportCertificatePem(),
                Exec = new() { ApiVersion = "client.authentication.k8s.io/v1", Command = "/bin/sh", Args = ["-c", script] },
            },
            new() { TimeProvider = _time });
        await client.GetAsync<ConfigMap>(Key, Cancel);
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal(("CN=one", 1), (server.ClientSubject, server.Connections));

        // Half a minute before the end is early enough.
        _time.Advance(TimeSpan.FromMinutes(9.4));
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal(("CN=one", 1), (server.ClientSubject, server.Connections));
        _time.Advance(TimeSpan.FromMinutes(0.2));
        await client.GetAsync<ConfigMap>(Key, Cancel);
        Assert.Equal(("CN=two", 2), (server.ClientSubject, server.Connections));
    }

    [Fact]
    public async Task Trap36_a_401_makes_the_plugin_run_once_more_and_a_second_one_is_told()
    {
        await using var server = new ScriptedApiServer();
        var script = $$$"""
            echo x >> {{{_directory}}}/runs
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < {{{_directory}}}/runs)'"}}'
            """;
        using var client = new KubeClient(new() { Server = server.Url, Exec = new() { ApiVersion = "client.authentication.k8s.io/v1", Command = "/bin/sh", Args = ["-c", script] } });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        foreach (var token in new[] { "Bearer t1", "Bearer t2" })
        {
            var request = await server.NextAsync();
            Assert.Equal(token, request.Headers["Authorization"]);
            await request.RefuseAsync(401, "Unauthorized");
        }

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => getting)).IsUnauthorized);
        Assert.False(server.HasRequest);
    }

    private static async Task<bool> IsTrustedAsync(KubeClient client)
    {
        try
        {
            await client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
            return true;
        }
        catch (HttpRequestException error)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
            return false;
        }
    }
}
