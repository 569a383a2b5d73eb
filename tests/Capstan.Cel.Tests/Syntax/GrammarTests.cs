using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

public class GrammarTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData(".a", ".a")]
    [InlineData(".f(1)", "(.f 1)")]
    [InlineData("a.b.c", "(. (. a b) c)")]
    [InlineData("a . b // comment\n.c", "(. (. a b) c)")]
    [InlineData("a.b(c)[d].e", "(. (_[_] (on b a c) d) e)")]
    [InlineData("1 + 2 * 3 - 4", "(_-_ (_+_ 1 (_*_ 2 3)) 4)")]
    [InlineData("a < b == c in d", "(@in (_==_ (_<_ a b) c) d)")]
    [InlineData("a ? b : c ? d : e", "(_?_:_ a b (_?_:_ c d e))")]
    [InlineData("a || b ? c || d : e", "(_?_:_ (_||_ a b) (_||_ c d) e)")]
    [InlineData("a && b || c && d", "(_||_ (_&&_ a b) (_&&_ c d))")]
    [InlineData("a && b && c", "(_&&_ (_&&_ a b) c)")]
    [InlineData("a && b && c && d", "(_&&_ (_&&_ a b) (_&&_ c d))")]
    [InlineData("a || b || c || d || e", "(_||_ (_||_ (_||_ a b) c) (_||_ d e))")]
    [InlineData("!a", "(!_ a)")]
    [InlineData("!!a", "a")]
    [InlineData("!!!a", "(!_ a)")]
    [InlineData("--a", "a")]
    [InlineData("---a", "(-_ a)")]
    [InlineData("-a.b", "(-_ (. a b))")]
    [InlineData("!-1", "(!_ -1)")]
    [InlineData("-(1)", "(-_ 1)")]
    [InlineData("---1", "(-_ 1)")]
    [InlineData("-1.f()", "(on f -1)")]
    [InlineData("-1u", "(-_ 1u)")]
    [InlineData("a-1", "(_-_ a 1)")]
    [InlineData("a - -1", "(_-_ a -1)")]
    [InlineData("[]", "(list)")]
    [InlineData("[1, 2,]", "(list 1 2)")]
    [InlineData("[,]", null)]
    [InlineData("{}", "(map)")]
    [InlineData("{'a': 1, b: c ? d : e,}", "(map 'a'=1 b=(_?_:_ c d e))")]
    [InlineData("A{}", "(new A)")]
    [InlineData("A{}.b", "(. (new A) b)")]
    [InlineData(".a.B{x: 1, y: 2,}", "(new .a.B x=1 y=2)")]
    [InlineData("google.namespace.T{in_: 1}", "(new google.namespace.T in_=1)")]
    [InlineData("a.namespace", "(. a namespace)")]
    [InlineData("a.while(1)", "(on while a 1)")]
    [InlineData("\t\f\r\na", "a")]
    [InlineData("a//\n", "a")]
    public void Trees(string text, string? tree)
    {
        // ANTLR's grammar lets a comma stand alone between brackets; so does cel-go.
        if (tree is null)
        {
            Parsed.Bad(text, Parsed.NoMacros);
            return;
        }

        Assert.Equal(tree, TreeText.Of(text, Parsed.NoMacros));
    }

    [Theory]
    [InlineData("a.?b", "(.? a b)")]
    [InlineData("a.?b.c", "(. (.? a b) c)")]
    [InlineData("a[?b]", "(_[?_] a b)")]
    [InlineData("[?a, b, ?c]", "(list ?a b ?c)")]
    [InlineData("{?a: b, c: d}", "(map ?a=b c=d)")]
    [InlineData("M{?f: x}", "(new M ?f=x)")]
    public void Optional_syntax(string text, string tree)
    {
        Assert.Equal(tree, TreeText.Of(text));
        Assert.All(
            Parsed.Bad(text, SyntaxOptions.Kubernetes with { OptionalSyntax = false }),
            i => Assert.Equal(i.Message, $"unsupported syntax '{text[i.Offset..(text.IndexOf('?', i.Offset) + 1)]}'"));
    }

    [Theory]
    [InlineData("a.`b-c/d.e f`", "(. a b-c/d.e f)")]
    [InlineData("a.?`in`", "(.? a in)")]
    [InlineData("M{`a.b`: 1}", "(new M a.b=1)")]
    public void Quoted_identifiers(string text, string tree)
    {
        Assert.Equal(tree, TreeText.Of(text, SyntaxOptions.Spec));
        Assert.EndsWith(": unsupported syntax: '`'", Parsed.Error(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1:1: Syntax error: mismatched input '<EOF>' expecting {")]
    [InlineData("!-x", "1:2: Syntax error: mismatched input '-' expecting {")]
    [InlineData("-!x", "1:2: Syntax error: mismatched input '!' expecting {")]
    [InlineData("f(1,)", "1:5: Syntax error: mismatched input ')' expecting {")]
    [InlineData("a.f(1,)", "1:7: Syntax error: mismatched input ')' expecting {")]
    [InlineData("a ? b ? c : d : e", "1:7: Syntax error: mismatched input '?' expecting ':'")]
    [InlineData("a b", "1:3: Syntax error: extraneous input 'b' expecting <EOF>")]
    [InlineData("a b c", "1:3: Syntax error: mismatched input 'b' expecting <EOF>")]
    [InlineData("a.true", "1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER")]
    [InlineData("a.in", "1:3: Syntax error: mismatched input 'in' expecting IDENTIFIER")]
    [InlineData("a.?b(1)", "1:5: Syntax error: mismatched input '(' expecting <EOF>")]
    [InlineData("'asdf'.contains('x'", "1:20: Syntax error: missing ')' at '<EOF>'")]
    [InlineData("(a b)", "1:4: Syntax error: extraneous input 'b' expecting ')'")]
    [InlineData("[1, 2", "1:6: Syntax error: missing ']' at '<EOF>'")]
    [InlineData("{1 2}", "1:4: Syntax error: mismatched input '2' expecting ':'")]
    [InlineData("a = b", "1:3: Syntax error: token recognition error at: '='")]
    [InlineData("a & b", "1:3: Syntax error: token recognition error at: '&'")]
    [InlineData("for", "1:1: reserved identifier: for")]
    [InlineData("1 + .while(2)", "1:5: reserved identifier: while")]
    [InlineData("namespace.a", "1:1: reserved identifier: namespace")]
    [InlineData("f().a{}", "1:6: Syntax error: mismatched input '{' expecting <EOF>")]
    [InlineData("(a){}", "1:4: Syntax error: mismatched input '{' expecting <EOF>")]
    [InlineData("a.?b{}", "1:5: Syntax error: mismatched input '{' expecting <EOF>")]
    [InlineData("M{1: 2}", "1:3: Syntax error: mismatched input '1' expecting {")]
    [InlineData("M{'a': 2}", "1:3: Syntax error: mismatched input ''a'' expecting {")]
    [InlineData("`a`", "1:1: Syntax error: mismatched input '`a`' expecting {")]
    [InlineData("a.``", "1:3: Syntax error: token recognition error at: '`'")]
    [InlineData("1 +\r\n\t*", "2:2: Syntax error: mismatched input '*' expecting {")]
    [InlineData("'👑' + §", "1:7: Syntax error: token recognition error at: '§'")]
    public void Errors(string text, string expected)
    {
        var first = Parsed.Bad(text, Parsed.NoMacros)[0];

        Assert.StartsWith(expected, $"{first.Line}:{first.Column}: {first.Message}", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reserved_word_is_barred_as_variable_and_as_function()
    {
        string[] reserved =
        [
            "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
            "var", "void", "while",
        ];
        Assert.All(reserved, w =>
        {
            Assert.Equal($"1:1: reserved identifier: {w}", Parsed.Error(w));
            Assert.Equal($"1:1: reserved identifier: {w}", Parsed.Error($"{w}(1)"));
            Parsed.Ok($"a.{w}.{w}()");
        });
    }

    [Fact]
    public void Several_errors_are_told_in_the_order_of_the_text()
    {
        var issues = Parsed.Bad("for + $ [while, 99999999999999999999, x.map(1, 2)] )");

        Assert.Equal([0, 6], issues.Take(2).Select(i => i.Offset));
        Assert.Equal(issues.Select(i => i.Offset).Order(), issues.Select(i => i.Offset));
        Assert.InRange(issues.Count, 2, 6);
    }

    [Fact]
    public void Spans_cover_the_text_of_a_node_and_positions_point_at_the_operator()
    {
        const string text = "a.b(c) +  [1].map(x, -x)[0]";
        var root = (CallExpr)Parsed.Ok(text).Root;

        Assert.Equal(new SourceSpan(0, text.Length, 7), root.Span);
        Assert.Equal(new SourceSpan(0, 6, 3), root.Arguments[0].Span);
        var index = (CallExpr)root.Arguments[1];
        Assert.Equal(new SourceSpan(10, 17, 24), index.Span);
        var fold = (ComprehensionExpr)index.Arguments[0];
        Assert.Equal(new SourceSpan(10, 14, 17), fold.Span);
        Assert.Equal(new SourceSpan(10, 3, 10), fold.Range.Span);
    }
}
