using Capstan.Selectors;
using Xunit;

namespace Capstan.Objects.Tests.Selectors;

public class FieldSelectorTests
{
    [Fact]
    public void Reads_terms_and_escapes()
    {
        var selector = FieldSelector.Parse(@"spec.nodeName!=n1,metadata.name==a\,b\=c\\,,status.phase=");
        Assert.Equal(
            [new("metadata.name", FieldOperator.Equals, @"a,b=c\"), new("spec.nodeName", FieldOperator.NotEquals, "n1"), new("status.phase", FieldOperator.Equals, "")],
            selector.Requirements);
        Assert.Equal(@"metadata.name=a\,b\=c\\,spec.nodeName!=n1,status.phase=", selector.ToString());
    }

    [Fact]
    public void Selects_by_the_fields_it_names()
    {
        var fields = new Dictionary<string, string> { ["metadata.name"] = "a" };
        Assert.True(FieldSelector.Parse("metadata.name=a,spec.nodeName=").Matches(name => fields.GetValueOrDefault(name)));
        Assert.False(FieldSelector.Parse("metadata.name!=a").Matches(name => fields.GetValueOrDefault(name)));
        Assert.True(FieldSelector.Parse("").Matches(_ => null));
    }

    [Theory]
    [InlineData("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'")]
    [InlineData(@"a=b\c", @"invalid field selector: invalid escape sequence: \c")]
    [InlineData(@"a=b\", @"invalid field selector: invalid escape sequence: \")]
    [InlineData("a=b=c", "invalid field selector: unescaped character in value: 61")]
    public void Refuses_with_the_words_of_Kubernetes(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => FieldSelector.Parse(selector)).Message);
}
