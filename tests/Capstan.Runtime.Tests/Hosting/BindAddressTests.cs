using Capstan.Hosting;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

public sealed class BindAddressTests
{
    [Theory]
    [InlineData(":8080", "127.0.0.1:8080")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("0.0.0.0:8443", "0.0.0.0:8443")]
    [InlineData("[::1]:8443", "[::1]:8443")]
    public void Reads_addresses(string text, string address) => Assert.Equal(address, BindAddress.Parse(text, "metrics", inPod: false)!.ToString());

    [Theory]
    [InlineData(":9443", "[::]:9443", "0.0.0.0:9443")]
    [InlineData("localhost:9443", "127.0.0.1:9443", "127.0.0.1:9443")]
    public void In_a_pod_an_empty_host_is_reached_from_outside(string text, string address, string withoutVersion6) =>
        Assert.Equal(System.Net.Sockets.Socket.OSSupportsIPv6 ? address : withoutVersion6, BindAddress.Parse(text, "metrics", inPod: true)!.ToString());

    [Theory]
    [InlineData("0")]
    [InlineData("")]
    public void Zero_is_off(string text) => Assert.Null(BindAddress.Parse(text, "metrics", inPod: false));

    [Theory]
    [InlineData("8080", "metrics bind address: '8080' is not host:port")]
    [InlineData(":65536", "metrics bind address: ':65536' is not host:port")]
    [InlineData(":-1", "metrics bind address: ':-1' is not host:port")]
    [InlineData("somewhere:80", "metrics bind address: 'somewhere' is not an IP address")]
    public void Says_what_is_wrong(string text, string message) =>
        Assert.Equal(message, Assert.Throws<OperatorException>(() => BindAddress.Parse(text, "metrics bind address", inPod: false)).Message);
}
