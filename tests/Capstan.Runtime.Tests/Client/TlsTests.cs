using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Trap 35: the configured authorities replace the system's, and the host name is checked besides.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task Trap35_both_authority_and_name_must_be_right(bool rightAuthority, bool rightName, bool works)
    {
        await using var server = new TlsServer("right.example", rightName ? IPAddress.Loopback : null);
        foreach (var other in new[] { "authority", "stranger" })
        {
            // A stranger of the same name fails by its signature, one of another name because there is no chain: both ways must be closed.
            var authority = rightAuthority ? server.Authority : TlsServer.NewAuthority(other);
            await CheckAsync(new() { Server = server.Url, CertificateAuthority = authority.ExportCertificatePem() }, works);
        }
    }

    [Theory]
    [InlineData("right.example", true)]
    [InlineData("wrong.example", false)]
    public async Task Trap35_tls_server_name_is_what_is_asked_for_and_checked(string name, bool works)
    {
        await using var server = new TlsServer("right.example");
        await CheckAsync(new() { Server = server.Url, CertificateAuthority = server.Authority.ExportCertificatePem(), TlsServerName = name }, works);
        Assert.Equal(name, server.AskedName);
    }

    [Fact]
    public async Task Without_authority_those_of_the_system_are_trusted_and_no_other()
    {
        await using var server = new TlsServer("right.example", IPAddress.Loopback);
        await CheckAsync(new() { Server = server.Url }, false);
    }

    [Fact]
    public async Task Any_certificate_is_taken_if_asked_for()
    {
        await using var server = new TlsServer("right.example");
        await CheckAsync(new() { Server = server.Url, InsecureSkipTlsVerify = true }, true);
        await CheckAsync(new() { Server = server.Url, InsecureSkipTlsVerify = true, CertificateAuthority = TlsServer.NewAuthority().ExportCertificatePem() }, true);
    }

    [Fact]
    public async Task The_client_certificate_is_shown()
    {
        await using var server = new TlsServer("right.example", IPAddress.Loopback);
        using var own = TlsServer.Sign(server.Authority, "CN=jane");
        var config = new KubeConfig
        {
            Server = server.Url,
            CertificateAuthority = server.Authority.ExportCertificatePem(),
            ClientCertificate = own.ExportCertificatePem(),
            ClientKey = own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
        };
        await CheckAsync(config, true);
        Assert.Equal("CN=jane", server.ClientSubject);
        Assert.Throws<KubeConfigException>(() => new KubeClient(config with { ClientKey = null }));
        Assert.Throws<KubeConfigException>(() => new KubeClient(config with { ClientKey = "nonsense" }));
        Assert.Throws<KubeConfigException>(() => new KubeClient(config with { CertificateAuthority = "nonsense" }));
    }

    private static async Task CheckAsync(KubeConfig config, bool works)
    {
        using var client = new KubeClient(config);
        try
        {
            await client.GetAsync<ConfigMap>(new("default", "a"), TestContext.Current.CancellationToken);
            Assert.True(works, "the server was trusted");
        }
        catch (HttpRequestException error)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
            Assert.False(works, error.ToString());
        }
    }
}
