using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.CustomResources;
using Xunit;

namespace Capstan.ApiServer.Tests.CustomResources;

public sealed class PlainNumbersTests
{
    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("-0.50", "-0.5")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("123456789.125", "123456789.125")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("0.1", "0.1")]
    [InlineData("12345678901234567890", "12345678901234567000")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("1e15", "1000000000000000")]
    [InlineData("123456789012345678901234567890", "1.2345678901234568e+29")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    public void A_number_is_written_as_kubernetes_writes_it(string written, string read)
    {
        var obj = JsonNode.Parse($$$"""{"a":[{{{written}}}],"b":[[{{{written}}}]]}""")!;
        PlainNumbers.Write(obj);
        Assert.Equal($$$"""{"a":[{{{read}}}],"b":[[{{{read}}}]]}""", obj.ToJsonString());
    }
}
