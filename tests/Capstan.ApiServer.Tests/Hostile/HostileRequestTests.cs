using System.Text;
using Xunit;

namespace Capstan.ApiServer.Tests.Hostile;

/// <summary>Targets, methods and headers that make no sense; the codes are those of a real kube-apiserver unless a line says otherwise.</summary>
public sealed class HostileRequestTests(TestServer server) : IClassFixture<TestServer>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData(ConfigMaps + "/%zz", 400)]
    [InlineData(ConfigMaps + "/a%2", 400)]
    [InlineData("/%zz", 400)]
    [InlineData(ConfigMaps + "/%ff%fe", 404)]
    [InlineData(ConfigMaps + "/a%20b", 404)]
    [InlineData(ConfigMaps + "\\..\\x", 404)]
    [InlineData(ConfigMaps + "?", 200)]
    [InlineData("/api/v1/namespaces/..%2f..%2f/configmaps", 404)]
    [InlineData("/api/v1/namespaces/ABC/configmaps", 200)]
    [InlineData(ConfigMaps + "?labelSelector=%zz", 200)]
    [InlineData(ConfigMaps + "?limit=1;continue=x", 200)]
    [InlineData(ConfigMaps + "?limit=-5", 200)]
    [InlineData(ConfigMaps + "?limit=abc", 400)]
    [InlineData(ConfigMaps + "?limit=1.5", 400)]
    [InlineData(ConfigMaps + "?limit=99999999999999999999", 400)]
    [InlineData(ConfigMaps + "?limit=9223372036854775807", 200)]
    [InlineData(ConfigMaps + "?timeoutSeconds=99999999999999999999", 400)]
    [InlineData(ConfigMaps + "?timeout=abc", 400)]
    [InlineData(ConfigMaps + "?timeout=1", 400)]
    [InlineData(ConfigMaps + "?timeout=1x", 400)]
    [InlineData(ConfigMaps + "?timeout=.s", 400)]
    [InlineData(ConfigMaps + "?timeout=-5s", 200)]
    [InlineData(ConfigMaps + "?timeout=1h1.5m3us", 200)]
    [InlineData(ConfigMaps + "?timeout=", 200)]
    [InlineData(ConfigMaps + "?continue=%00", 400)]
    [InlineData(ConfigMaps + "?continue=eyJhIjoxfQ", 400)]
    [InlineData(ConfigMaps + "?resourceVersion=-1", 400)]
    [InlineData(ConfigMaps + "?resourceVersion=99999999999999999999999", 400)]
    [InlineData(ConfigMaps + "?labelSelector=a%20in", 400)]
    [InlineData(ConfigMaps + "?labelSelector=%2C%2C%2C", 400)]
    [InlineData(ConfigMaps + "?fieldSelector=a", 400)]
    [InlineData(ConfigMaps + "?fieldSelector=metadata.name%3D%5C", 400)]
    [InlineData(ConfigMaps + "?watch=1&timeoutSeconds=-1", 200)]
    [InlineData(ConfigMaps + "?watch=1&timeoutSeconds=2147483647&resourceVersion=x", 500)]
    [InlineData("/version?x=%zz", 200)]
    public async Task A_target_that_makes_no_sense_gets_the_code_of_Kubernetes(string target, int code)
    {
        var answer = await RawConnection.AskAsync(server, $"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.True(code == answer.Code, $"{answer.Code} {answer.Body}");
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", ConfigMaps, 405)]
    [InlineData("HEAD", ConfigMaps + "/none", 405)]
    [InlineData("HEAD", "/version", 405)]
    [InlineData("HEAD", "/api", 405)]
    [InlineData("HEAD", "/apis/apps/v1", 405)]
    [InlineData("HEAD", "/healthz", 200)]
    [InlineData("HEAD", "/nope", 404)]
    [InlineData("get", ConfigMaps, 405)]
    [InlineData("get", "/version", 405)]
    [InlineData("FOO", ConfigMaps + "/x", 405)]
    [InlineData("TRACE", ConfigMaps, 405)]
    [InlineData("OPTIONS", ConfigMaps, 405)]
    [InlineData("POST", "/version", 405)]
    [InlineData("G{T", ConfigMaps, 400)]
    public async Task A_method_that_is_not_there_gets_the_code_of_Kubernetes(string method, string target, int code) =>
        Assert.Equal(code, (await RawConnection.AskAsync(server, $"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).Code);

    [Theory]
    [InlineData("A: b\0c\r\n", 400)]
    [InlineData("nonsense\r\n", 400)]
    [InlineData("A : b\r\n", 400)]
    [InlineData("Host: b\r\n", 400)]
    [InlineData("Accept: application/xml\r\n", 406)]
    [InlineData("Accept: ;;,,==\r\n", 406)]
    [InlineData("Accept-Encoding: gzip;q=abc, ;;\r\n", 200)]
    [InlineData("Authorization: Bearer a.b.c\r\n", 200)]
    [InlineData("Upgrade: websocket\r\n", 200)]
    public async Task A_header_that_makes_no_sense_gets_the_code_of_Kubernetes(string header, int code) =>
        Assert.Equal(code, (await RawConnection.AskAsync(server, $"GET {ConfigMaps} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n")).Code);

    [Theory]
    [InlineData(5000, 10)]
    [InlineData(1, 500_000)]
    public async Task Headers_may_be_as_large_as_Kubernetes_lets_them_be(int count, int length)
    {
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"A{i}: {new string('b', length)}\r\n"));
        Assert.Equal(200, (await RawConnection.AskAsync(server, $"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")).Code);
    }

    [Theory]
    [InlineData("?labelSelector=a%3D", 100_000, 400)]
    [InlineData("/", 100_000, 404)]
    [InlineData("?x=", 500_000, 200)]
    public async Task A_long_target_is_read_and_judged(string before, int length, int code)
    {
        var answer = await RawConnection.AskAsync(server, $"GET {ConfigMaps}{before}{new string('b', length)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task A_target_without_end_is_cut_off()
    {
        // Kubernetes says 431.
        var answer = await RawConnection.AskAsync(server, [Encoding.ASCII.GetBytes($"GET {ConfigMaps}?a="), .. Enumerable.Repeat(Encoding.ASCII.GetBytes(new string('b', 1 << 16)), 48)]);
        Assert.Equal(414, answer.Code);
    }
}
