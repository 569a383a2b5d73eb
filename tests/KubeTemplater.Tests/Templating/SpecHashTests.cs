using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

public class SpecHashTests
{
    private const string Object = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","y":"2"}}""";

    [Fact]
    public void The_order_of_fields_does_not_matter()
    {
        var other = """{"data":{"y":"2","x":"1"},"metadata":{"name":"a"},"kind":"ConfigMap","apiVersion":"v1"}""";

        Assert.Equal(SpecHash.Of(Given.Template(Given.Entry(Object)).Spec), SpecHash.Of(Given.Template(Given.Entry(other)).Spec));
    }

    [Fact]
    public void It_is_the_one_that_statuses_have_on_record() =>
        Assert.Equal("d66f5ec30ae81264b785df146e23e20ffe64c1dbc58ffb978731bf4eb311054a", SpecHash.Of(Given.Template(Given.Entry(Object)).Spec));

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void The_order_of_many_fields_does_not_matter(int fields)
    {
        var members = Enumerable.Range(0, fields).Select(i => $"\"k{i}\":\"{i}\"").ToList();
        var expected = Hash(members.Order(StringComparer.Ordinal));

        Assert.Equal(expected, Hash(members));
        Assert.Equal(expected, Hash(members.AsEnumerable().Reverse()));

        static string Hash(IEnumerable<string> data) =>
            SpecHash.Of(Given.Template(Given.Entry($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{ {{{string.Join(',', data)}}} }}""")).Spec);
    }

    [Fact]
    public void Every_change_of_meaning_changes_it()
    {
        string[] hashes =
        [
            Hash(Given.Entry(Object)),
            Hash(Given.Entry(Object, replace: true)),
            Hash(Given.Entry(Object, referenced: true)),
            Hash(Given.Entry(Object.Replace("\"1\"", "1", StringComparison.Ordinal))),
            Hash(Given.Entry(Object), Given.Entry(Object)),
            Hash(),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.All(hashes, h => Assert.Matches("^[0-9a-f]{64}$", h));

        static string Hash(params Resources.TemplateEntry[] entries) => SpecHash.Of(Given.Template(entries).Spec);
    }
}
