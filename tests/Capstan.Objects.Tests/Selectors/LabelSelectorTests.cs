using System.Text.Json.Nodes;
using Capstan.Selectors;
using Xunit;

namespace Capstan.Objects.Tests.Selectors;

public class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Web = new() { ["app"] = "web", ["tier"] = "front", ["weight"] = "5", ["example.com/owner"] = "" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier=front", true)]
    [InlineData("app=web,tier=back", false)]
    [InlineData("app!=web", false)]
    [InlineData("missing!=web", true)]
    [InlineData("app in (web, api)", true)]
    [InlineData("app in (api)", false)]
    [InlineData("app notin (api,db)", true)]
    [InlineData("missing notin (api)", true)]
    [InlineData("missing in (api)", false)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData(" ! missing ", true)]
    [InlineData("weight>4", true)]
    [InlineData("weight > 5", false)]
    [InlineData("weight<6", true)]
    [InlineData("app>1", false)]
    [InlineData("missing<6", false)]
    [InlineData("example.com/owner=", true)]
    [InlineData("example.com/owner in ()", true)]
    [InlineData("app in (,web)", true)]
    [InlineData("app in (,)", false)]
    [InlineData("in in (in)", false)]
    public void Selects_as_Kubernetes_does(string selector, bool selected) => Assert.Equal(selected, LabelSelector.Parse(selector).Matches(Web));

    [Theory]
    [InlineData("b,a", "a,b")]
    [InlineData("x in (c,a,b)", "x in (a,b,c)")]
    [InlineData("x notin (b), !y, z == 1", "x notin (b),!y,z==1")]
    [InlineData("x = ", "x=")]
    [InlineData("x in (a,,b)", "x in (,a,b)")]
    public void Prints_canonically(string selector, string canonical) => Assert.Equal(canonical, LabelSelector.Parse(selector).ToString());

    // The messages are those of recordings/crud/label-selector-invalid.json.
    [Theory]
    [InlineData("a in b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier")]
    [InlineData("weight>heavy", "unable to parse requirement: values[0]: Invalid value: \"heavy\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("=x", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a,,b", "found ',', expected: identifier after ','")]
    [InlineData("a==b==c", "found '==', expected: ',' or 'end of string'")]
    [InlineData("!a=b", "found '=', expected: ',' or 'end of string'")]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a in", "unable to parse requirement: found '' expected: '('")]
    [InlineData("a in (b", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("a,", "found '', expected: identifier after ','")]
    [InlineData("!", "unable to parse requirement: found '', expected: identifier")]
    [InlineData("-a=b", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("a=b/c", "unable to parse requirement: values[0][a]: Invalid value: \"b/c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    [InlineData("UPPER.test/k=v", "unable to parse requirement: <nil>: Invalid value: \"UPPER.test/k\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    public void Refuses_with_the_words_of_Kubernetes(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => LabelSelector.Parse(selector)).Message);

    [Fact]
    public void Refuses_a_value_of_more_than_63_bytes()
    {
        var value = new string('v', 64);
        var fault = Assert.Throws<FormatException>(() => LabelSelector.Parse($"a={value}"));
        Assert.Equal($"unable to parse requirement: values[0][a]: Invalid value: \"{value}\": must be no more than 63 bytes", fault.Message);
    }

    [Fact]
    public void Reads_the_selector_of_an_object()
    {
        var selector = LabelSelector.From(JsonNode.Parse("""
            {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}, {"key": "gone", "operator": "DoesNotExist"}]}
            """)!.AsObject());
        Assert.True(selector.Matches(Web));
        Assert.Equal("app=web,!gone,tier in (back,front)", selector.ToString());
        Assert.True(LabelSelector.From([]).IsEmpty);
        Assert.False(LabelSelector.From(null).Matches(Web));
        Assert.False(LabelSelector.From(null).IsEmpty);
    }

    [Theory]
    [InlineData("""{"matchExpressions": [{"key": "a", "operator": "Near"}]}""", "\"Near\" is not a valid label selector operator")]
    [InlineData("""{"matchExpressions": [{"key": "a", "operator": "In"}]}""", "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")]
    [InlineData("""{"matchExpressions": [7]}""", "matchExpressions must be a list of objects")]
    [InlineData("""{"matchLabels": {"a": 7}}""", "7 is not a string")]
    public void Refuses_a_malformed_selector_of_an_object(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => LabelSelector.From(JsonNode.Parse(selector)!.AsObject())).Message);
}
