namespace Capstan.Cel.Kubernetes.Tests.Library;

/// <summary>Long and odd arguments: each call ends, with a value or with an error, and makes no more of them than they are.</summary>
public class LibraryHostilityTests
{
    private const int Long = 300_000;

    private static readonly CelEnvironment Environment = KubernetesEnvironment.Default.With(CelLibraries.Regex).WithVariable("s", CelType.String);

    [Theory]
    [InlineData("quantity(s)", "9", Long, "quantities longer than 10000 characters are not supported")]
    [InlineData("isQuantity(s)", "9", Long, "false")]
    [InlineData("quantity(s).add(1).sub(quantity(s)).isInteger()", "9", 10_000, "false")]
    [InlineData("quantity(s).add(quantity('1e2147483647'))", "9", 1, "quantities are too far apart to be added")]
    [InlineData("[quantity('1e2147483647'), quantity('1e-2147483648')].indexOf(quantity(s))", "1e2147483647", 1, "0")]
    [InlineData("quantity('1e2147483647').isGreaterThan(quantity(s))", "1", 9_999, "true")]
    [InlineData("s.findAll('').size()", "a", Long, "300001")]
    [InlineData("s.findAll('(a|aa|aaa)+$').size()", "a", Long, "1")]
    [InlineData("s.findAll('a.*b|a')", "a", Long, "the pattern takes too many steps to be searched for all over the text")]
    [InlineData("regex.extractAll(s, '(a).*b|a')", "a", Long, "the pattern takes too many steps to be searched for all over the text")]
    [InlineData("regex.replace(s, 'a', s)", "a", Long, "the resulting string is longer than 16777216 characters")]
    [InlineData("regex.replace(s, '(a)', r'\\1\\1\\1\\1').size()", "a", Long, "1200000")]
    [InlineData("url(s).getQuery().size()", "/?a&", Long, "0")]
    [InlineData("isSemver('1.0.0-' + s + 'a')", "a.", Long, "true")]
    [InlineData("isIP(s)", ":", Long, "false")]
    [InlineData("isCIDR(s)", "1/", Long, "false")]
    [InlineData("format.dns1123Subdomain().validate(s).value().size()", "a.", Long, "2")]
    [InlineData("format.datetime().validate(s).value().size()", "t", Long, "1")]
    [InlineData("format.qualifiedName().validate(s).value().size()", "/", Long, "1")]
    public void Long_texts_end_in_a_value_or_an_error(string expression, string piece, int times, string expected) =>
        Assert.Equal(expected, Environment.Compile(expression).Evaluate([CelValue.Of(string.Concat(Enumerable.Repeat(piece, times)))]).Value.ToString());
}
