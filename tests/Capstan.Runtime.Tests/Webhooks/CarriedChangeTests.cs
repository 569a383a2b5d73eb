using System.Text.Json.Nodes;
using Capstan.Webhooks;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

public sealed class CarriedChangeTests
{
    [Theory]
    [InlineData("""{"a":1,"new":2}""", """{"a":1}""", """{"a":3}""", """{"a":3,"new":2}""")]
    [InlineData("""{"a":{"x":1,"new":2}}""", """{"a":{"x":1}}""", """{"a":{"x":1,"y":5}}""", """{"a":{"x":1,"new":2,"y":5}}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":1,"b":2}""", """{"a":1}""", """{"a":1}""")]
    [InlineData("""{}""", """{"spec":{"n":1}}""", """{"spec":{"n":2}}""", """{"spec":{"n":2}}""")]
    [InlineData("""{"l":[{"n":"a","new":1},{"n":"b","new":2}]}""", """{"l":[{"n":"a"},{"n":"b"}]}""", """{"l":[{"n":"a"},{"n":"c"}]}""", """{"l":[{"n":"a","new":1},{"n":"c","new":2}]}""")]
    [InlineData("""{"l":[{"n":"a","new":1},{"n":"b","new":2}]}""", """{"l":[{"n":"a"},{"n":"b"}]}""", """{"l":[{"n":"b"}]}""", """{"l":[{"n":"b","new":2}]}""")]
    [InlineData("""{"l":[{"n":"a","new":1}]}""", """{"l":[{"n":"a"}]}""", """{"l":[{"n":"z"},{"n":"a"}]}""", """{"l":[{"n":"z"},{"n":"a","new":1}]}""")]
    [InlineData("""{"big":12345678901234567890,"a":1}""", """{"a":1}""", """{"a":2}""", """{"big":12345678901234567890,"a":2}""")]
    public void What_the_view_does_not_show_stays(string document, string before, string after, string expected) =>
        Assert.Equal(expected, CarriedChange.Apply(Parse(document), Parse(before), Parse(after)).ToJsonString());

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
