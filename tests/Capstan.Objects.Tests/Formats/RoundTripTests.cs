using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Yaml;
using Xunit;

namespace Capstan.Objects.Tests.Formats;

/// <summary>Traps 38 and 39: what is read and written again is what it was.</summary>
public sealed class RoundTripTests
{
    [Theory]
    [InlineData("\"1E\"", "1E", 0)]
    [InlineData("\"1E3\"", "1e3", 0)]
    [InlineData("\"1e3\"", "1e3", 0)]
    [InlineData("1000", "1k", 0)]
    [InlineData("0.5", "500m", 0)]
    [InlineData("1e2", "100", 0)]
    [InlineData("\"100n\"", "100n", 0)]
    [InlineData("\"5u\"", "5u", 0)]
    [InlineData("\"1.5m\"", "1500u", 0)]
    [InlineData("\"1024Ki\"", "1Mi", 0)]
    [InlineData("\"7Ei\"", "7Ei", 0)]
    [InlineData("\"0.1Gi\"", "107374182400m", 0)]
    public void Trap38_quantities_are_read_as_text_or_number_and_written_in_their_one_form(string json, string canonical, int sum)
    {
        var read = Read($$"""{"amount":{{json}}}""");
        Assert.Equal(canonical, read.Amount!.Value.Add(sum).ToString());
        Assert.Equal(Quantity.Parse(canonical), read.Amount);
    }

    [Fact]
    public void Trap38_exa_is_not_an_exponent_and_equality_is_of_the_amount()
    {
        Assert.Equal(Quantity.Parse("1000000000000000000"), Quantity.Parse("1E"));
        Assert.Equal(Quantity.Parse("1000"), Quantity.Parse("1E3"));
        Assert.Equal(Quantity.Parse("1Gi"), Quantity.Parse("1024Mi"));
        Assert.NotEqual(Quantity.Parse("1G"), Quantity.Parse("1Gi"));
        Assert.Equal(Quantity.Parse("0.5").GetHashCode(), Quantity.Parse("500m").GetHashCode());
    }

    [Theory]
    [InlineData("80")]
    [InlineData("\"80\"")]
    [InlineData("\"http\"")]
    [InlineData("\"25%\"")]
    [InlineData("\"\"")]
    [InlineData("-1")]
    public void Trap38_a_number_or_text_stays_what_it_is_through_JSON_and_YAML(string json)
    {
        var typed = Read($$"""{"port":{{json}}}""");
        Assert.Equal(json, DynamicObject.From(typed).ToJson()["port"]!.ToJsonString());
        var yaml = YamlWriter.Write(new JsonObject { ["port"] = JsonNode.Parse(json) });
        TestContext.Current.TestOutputHelper!.WriteLine(yaml);
        Assert.Equal(json, Assert.Single(YamlReader.ReadAll(yaml, "test"))!["port"]!.ToJsonString());
    }

    [Fact]
    public void Trap38_a_number_is_not_the_text_of_its_digits()
    {
        Assert.NotEqual<IntOrString>(80, "80");
        Assert.True(new IntOrString(80) != new IntOrString("80"));
        Assert.Equal((80, null), (new IntOrString(80).Number, new IntOrString(80).Text));
        foreach (var wrong in new[] { "80.5", "3000000000", "true", "{}", "[80]" })
        {
            Assert.ThrowsAny<JsonException>(() => Read($$"""{"port":{{wrong}}}"""));
        }
    }

    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("100%", 7, true, 7)]
    [InlineData("0%", 7, true, 0)]
    public void Percentages_round_as_asked(string text, int total, bool up, int expected) => Assert.Equal(expected, new IntOrString(text).ScaledOf(total, up));

    [Fact]
    public void What_is_no_percentage_is_not_scaled()
    {
        Assert.Equal(5, new IntOrString(5).ScaledOf(100, true));
        Assert.Throws<FormatException>(() => new IntOrString("5").ScaledOf(100, true));
        Assert.Throws<FormatException>(() => new IntOrString("x%").ScaledOf(100, true));
    }

    [Fact]
    public void Trap39_fields_newer_than_the_type_come_back_with_it()
    {
        const string Json = """{"apiVersion":"example.com/v1","kind":"Sample","metadata":{"name":"a","newer":{"x":[1,null]}},"big":1,"newest":{"deep":{"er":true}},"exact":1.10}""";
        var typed = Read(Json);
        typed.Big = 2;
        Assert.Equal(Sorted(Json.Replace("\"big\":1", "\"big\":2", StringComparison.Ordinal)), Sorted(Text(typed)));
    }

    [Fact]
    public void Trap39_integers_beyond_what_a_double_holds_are_exact()
    {
        Assert.Equal(9007199254740993, Read("""{"big":9007199254740993}""").Big);
        Assert.Contains("9223372036854775807", Text(new() { Big = long.MaxValue }), StringComparison.Ordinal);
        var tree = DynamicObject.Parse("""{"spec":{"n":9007199254740993,"f":1.0,"e":1e400}}"""u8.ToArray()).ToJson();
        Assert.Equal("""{"n":9007199254740993,"f":1.0,"e":1e400}""", tree["spec"]!.ToJsonString());
    }

    [Fact]
    public void Trap39_absent_null_and_zero_are_three_things()
    {
        Assert.DoesNotContain("zero", Text(new()), StringComparison.Ordinal);
        Assert.Contains("\"zero\":0", Text(new() { Zero = 0 }), StringComparison.Ordinal);
        Assert.Equal((null, null, 0), (Read("{}").Zero, Read("""{"zero":null}""").Zero, Read("""{"zero":0}""").Zero));

        // Only what is set is written: whatever an apply names, its manager owns.
        Assert.Equal("""{"apiVersion":"example.com/v1","kind":"Sample","metadata":{"name":"a"},"zero":0}""", Text(new() { Metadata = new() { Name = "a" }, Zero = 0 }));
    }

    [Fact]
    public void Trap39_of_a_member_that_stands_twice_the_last_counts()
    {
        var twice = DynamicObject.Parse("""{"metadata":{"name":"first","labels":{"a":"1"},"name":"last","labels":{"a":"2"}},"big":1,"big":2}"""u8.ToArray());
        Assert.Equal(("last", "2", 2L), (twice.Key.Name, twice.Labels["a"], twice.To<FormatsSample>().Big));
    }

    [Fact]
    public void Trap39_bytes_are_base64()
    {
        Assert.Contains("\"bytes\":\"//79\"", Text(new() { Bytes = [0xff, 0xfe, 0xfd] }).Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal([0xff, 0xfe, 0xfd], Read("""{"bytes":"//79"}""").Bytes!);
        Assert.ThrowsAny<JsonException>(() => Read("""{"bytes":"not base64"}"""));
    }

    private static FormatsSample Read(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json)).To<FormatsSample>();

    private static string Text(FormatsSample value) => Encoding.UTF8.GetString(DynamicObject.From(value).Json.Span);

    private static string Sorted(string json) => string.Join(',', JsonNode.Parse(json)!.AsObject().OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}:{member.Value?.ToJsonString()}"));
}
