using Capstan.Yaml;
using Xunit;

namespace Capstan.Objects.Tests.Yaml;

/// <summary>Where the parts of a document stand.</summary>
public sealed class YamlDocumentTests
{
    private const string Text = """
        # two documents
        a: 1
        ---
        metadata: {name: x, labels: {a.b/c: d}}
        list:
        - one
        - &two
          name: second
        - *two
        copy: *two
        """;

    [Theory]
    [InlineData("", 4, 1)]
    [InlineData("/metadata", 4, 1)]
    [InlineData("/metadata/labels/a.b~1c", 4, 30)]
    [InlineData("/list/1/name", 8, 3)]
    [InlineData("/list/2/name", 8, 3)]
    [InlineData("/copy", 10, 1)]
    [InlineData("/copy/name", 8, 3)]
    [InlineData("/list/0", 6, 3)]
    [InlineData("/list/7/name", 5, 1)]
    [InlineData("/metadata/nothing/below", 4, 1)]
    public void A_part_has_a_place_and_what_is_absent_the_place_of_what_would_hold_it(string pointer, long line, long column) =>
        Assert.Equal(new(line, column), YamlReader.ReadDocuments(Text, "test")[1].PlaceOf(pointer));

    [Fact]
    public void Json_has_places_too_and_none_where_tabs_indent_it()
    {
        Assert.Equal(new(2, 2), Assert.Single(YamlReader.ReadDocuments("{\"a\": 1,\n \"b\": 2}", "test")).PlaceOf("/b"));
        Assert.Equal("2", Assert.Single(YamlReader.ReadDocuments("{\n\t\"a\": 1,\n\t\"b\": 2}", "test")).Content["b"]!.ToJsonString());
    }

    [Fact]
    public void What_is_no_yaml_is_told_with_its_place() =>
        Assert.StartsWith("test:", Assert.Throws<YamlFormatException>(() => YamlReader.ReadDocuments("a: [", "test")).Message, StringComparison.Ordinal);
}
