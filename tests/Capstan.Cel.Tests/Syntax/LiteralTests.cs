using System.Text;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

public class LiteralTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("-1", -1)]
    [InlineData("- 1", -1)]
    [InlineData("0xFf", 255)]
    [InlineData("-0x8000000000000000", long.MinValue)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0x00000000000000000000001", 1)]
    [InlineData("--1", 1)]
    public void Integers(string text, long expected) => Assert.Equal(expected, Literal(text, LiteralKind.Int).IntValue);

    [Theory]
    [InlineData("0u", 0)]
    [InlineData("18446744073709551615U", ulong.MaxValue)]
    [InlineData("0xffffffffffffffffu", ulong.MaxValue)]
    public void Unsigned_integers(string text, ulong expected) => Assert.Equal(expected, Literal(text, LiteralKind.Uint).UintValue);

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData(".5", 0.5)]
    [InlineData("1e3", 1000)]
    [InlineData("1.25E-2", 0.0125)]
    [InlineData("-.5e+1", -5)]
    [InlineData("1e-400", 0)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    public void Doubles(string text, double expected) => Assert.Equal(expected, Literal(text, LiteralKind.Double).DoubleValue);

    [Fact]
    public void Minus_zero_keeps_its_sign() => Assert.True(double.IsNegative(Literal("-0.0", LiteralKind.Double).DoubleValue));

    [Theory]
    [InlineData("9223372036854775808", "1:1: invalid int literal")]
    [InlineData("-9223372036854775809", "1:1: invalid int literal")]
    [InlineData("--9223372036854775808", "1:3: invalid int literal")]
    [InlineData("0x8000000000000000", "1:1: invalid int literal")]
    [InlineData("18446744073709551616u", "1:1: invalid uint literal")]
    [InlineData("1e309", "1:1: invalid double literal")]
    public void Numbers_out_of_range_are_errors(string text, string expected) => Assert.Equal(expected, Parsed.Error(text));

    [Theory]
    [InlineData("1.")]
    [InlineData("1.e5")]
    [InlineData("1e")]
    [InlineData("0x")]
    [InlineData("0X1")]
    [InlineData("1uu")]
    [InlineData("1.5u")]
    [InlineData("1 .5")]
    [InlineData("1_000")]
    public void What_looks_like_a_number_but_is_none(string text)
    {
        // 1.e5 selects a field of a number: it parses, and only the checker has something against it.
        if (text == "1.e5")
        {
            Assert.Equal("(. 1 e5)", TreeText.Of(text));
            return;
        }

        Parsed.Bad(text);
    }

    [Theory]
    [InlineData("""'a"b'""", "a\"b")]
    [InlineData("""
        "a'b"
        """, "a'b")]
    [InlineData("''", "")]
    [InlineData("''''''", "")]
    [InlineData("'''a'b''c'''", "a'b''c")]
    [InlineData("\"\"\"a\nb\"\"\"", "a\nb")]
    [InlineData("'''a\r\nb\rc\r\r\n'''", "a\nb\nc\n\n")]
    [InlineData("r'''a\r\nb'''", "a\nb")]
    [InlineData(@"'\a\b\f\n\r\t\v\\\?\""\'\`'", "\a\b\f\n\r\t\v\\?\"'`")]
    [InlineData(@"'\x41\X42\u00e9\U0001F451\101'", "ABé👑A")]
    [InlineData(@"'\377\xff'", "ÿÿ")]
    [InlineData(@"'\u0000'", "\0")]
    [InlineData(@"r'\n\'", @"\n\")]
    [InlineData(@"R""\""", @"\")]
    [InlineData("'👑é'", "👑é")]
    [InlineData("'// no comment'", "// no comment")]
    public void Strings(string text, string expected) => Assert.Equal(expected, Literal(text, LiteralKind.String).StringValue);

    [Theory]
    [InlineData("b'abc'", "616263")]
    [InlineData("B'é👑'", "C3A9F09F9191")]
    [InlineData(@"b'\xff\377\n\000'", "FFFF0A00")]
    [InlineData(@"br'\xff'", "5C786666")]
    [InlineData(@"bR""""""\
        """"""", "5C0A2020202020202020")]
    [InlineData("b''", "")]
    public void Octets(string text, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(Literal(text.ReplaceLineEndings("\n"), LiteralKind.Bytes).BytesValue.Span));

    [Theory]
    [InlineData(@"'\q'", "unable to unescape string")]
    [InlineData(@"'\x1'", "unable to unescape string")]
    [InlineData(@"'\u12'", "unable to unescape string")]
    [InlineData(@"'\U0011'", "unable to unescape string")]
    [InlineData(@"'\400'", "unable to unescape string")]
    [InlineData(@"'\08'", "unable to unescape string")]
    [InlineData(@"'\ud800'", "invalid unicode code point")]
    [InlineData(@"'\ud83d\ude00'", "invalid unicode code point")]
    [InlineData(@"'\U00110000'", "invalid unicode code point")]
    [InlineData(@"'\UFFFFFFFF'", "invalid unicode code point")]
    [InlineData(@"b'\u0041'", "unable to unescape string")]
    [InlineData(@"b'\U00000041'", "unable to unescape string")]
    public void Escapes_that_are_errors(string text, string expected) => Assert.Equal("1:1: " + expected, Parsed.Error(text));

    [Fact]
    public void Half_a_surrogate_pair_is_no_character()
    {
        Assert.Equal("1:1: invalid unicode code point", Parsed.Error("'a\ud83d'"));
        Assert.Equal("1:1: invalid unicode code point", Parsed.Error("'\ude00a'"));
        Assert.Equal("1:1: invalid unicode code point", Parsed.Error("b'\ud83da'"));
    }

    [Theory]
    [InlineData("'a", 0)]
    [InlineData("1 + 'a\n'", 4)]
    [InlineData("'''a''", 0)]
    [InlineData("'\\\n'", 0)]
    [InlineData("'a\\'", 0)]
    [InlineData("r'a\rb'", 0)]
    public void Strings_without_end(string text, int offset)
    {
        var first = Parsed.Bad(text)[0];

        Assert.Equal(offset, first.Offset);
        Assert.StartsWith("Syntax error: token recognition error at: '", first.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_prefix_comes_after_the_bytes_prefix() => Parsed.Bad("rb'a'");

    [Fact]
    public void A_long_string_is_read_whole()
    {
        var body = new string('x', 90_000);

        Assert.Equal(body, Literal($"'{body}'", LiteralKind.String).StringValue);
        Assert.Equal(Encoding.UTF8.GetBytes(body), Literal($"b'{body}'", LiteralKind.Bytes).BytesValue.ToArray());
    }

    [Fact]
    public void Words_of_values()
    {
        Assert.True(Literal("true", LiteralKind.Bool).BoolValue);
        Assert.False(Literal("false", LiteralKind.Bool).BoolValue);
        Literal("null", LiteralKind.Null);
    }

    private static LiteralExpr Literal(string text, LiteralKind kind)
    {
        var literal = Assert.IsType<LiteralExpr>(Parsed.Ok(text).Root);
        Assert.Equal(kind, literal.Kind);
        return literal;
    }
}
