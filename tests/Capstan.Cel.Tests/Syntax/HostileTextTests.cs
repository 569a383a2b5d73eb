using System.Text;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>No text makes the parser throw, hang or run out of stack.</summary>
public class HostileTextTests
{
    private const string Alphabet = "ab.()[]{}?:,+-*/%!=<>&|'\"`\\ru01ex \n\r\t_é👑\ud83d\0$";

    private static readonly string[] _seeds =
    [
        "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits))",
        "[1, 2, 3].map(i, i > 1, i * 2).filter(j, j != 4).exists_one(k, k == 6) || {'a': 1}.all(k, v, v in [1, 2u, 3.0])",
        "a.?b[?c].optMap(x, x + 1).orValue(-1) == (b ? c : d ? e : f)",
        "cel.bind(x, {?'k': o, 'l': [?p, q,]}, x.transformMap(k, v, k + v)) != pkg.Type{f: 0x1Fu, ?g: br'\\x', `a-b`: -.5e-3}",
        "'''a\n\"b\"''' + r'\\' + '\\u00e9\\x41\\101' + b'\\377' + \"\\\"\" // comment\n + !-1 - --x",
        "math.greatest(1, 2, l.sortBy(e, e.k)[0]) % 2 >= size(x) / 3 && .root.f(in_).namespace.while()",
    ];

    [Fact]
    public void Mutations_of_expressions_parse_or_are_rejected_and_what_parses_prints()
    {
        var random = new Random(20261121);
        var parsed = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var text = Mutate(random, _seeds[random.Next(_seeds.Length)]);
            var options = i % 2 == 0 ? SyntaxOptions.Kubernetes : SyntaxOptions.Spec;
            parsed += Check(text, options) ? 1 : 0;
            Assert.Null(RoundTrip.Failure(text, options));
        }

        // Otherwise the mutations are too wild to test more than the lexer.
        Assert.InRange(parsed, 3_000, 25_000);
    }

    [Fact]
    public void Random_text_parses_or_is_rejected()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var length = random.Next(60);
            var text = string.Create(length, random, (chars, r) =>
            {
                for (var j = 0; j < chars.Length; j++)
                {
                    chars[j] = r.Next(4) == 0 ? (char)r.Next(0x10000) : Alphabet[r.Next(Alphabet.Length)];
                }
            });
            Check(text, SyntaxOptions.Spec);
        }
    }

    [Fact]
    public void Random_bytes_parse_or_are_rejected()
    {
        var random = new Random(8);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Check(Encoding.UTF8.GetString(bytes), SyntaxOptions.Spec);
            Check(Encoding.Latin1.GetString(bytes), SyntaxOptions.Spec);
        }
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("{1:", "1", "}")]
    [InlineData("{", "1", ":1}")]
    [InlineData("f(", "1", ")")]
    [InlineData("a.f(", "1", ")")]
    [InlineData("a[", "1", "]")]
    [InlineData("A{b:", "1", "}")]
    [InlineData("!(", "1", ")")]
    [InlineData("-(", "1", ")")]
    [InlineData("a?b:", "c", "")]
    [InlineData("(a?b:", "c", ")")]
    [InlineData("a+(", "1", ")")]
    [InlineData("a&&(", "1", ")")]
    [InlineData("[].map(x,", "x", ")")]
    [InlineData("[].sortBy(x,", "x", ")")]
    [InlineData("", "a", ".b")]
    [InlineData("", "a", ".?b")]
    [InlineData("", "a", "[0]")]
    [InlineData("", "a", ".f()")]
    [InlineData("", "a", "+a")]
    [InlineData("", "a", " in a")]
    [InlineData("", "a", "*a")]
    [InlineData("", "[]", ".map(x,x)")]
    [InlineData("", "a", ".optMap(x,x)")]
    [InlineData("", "a", ".optMap(x,a.optMap(y,y))")]
    public void Nesting_is_refused_cleanly_when_it_is_too_deep(string before, string middle, string after)
    {
        OnSmallStack(() =>
        {
            foreach (var depth in (int[])[1_000, 100_000 / (before.Length + after.Length) - 10])
            {
                foreach (var open in (bool[])[false, true])
                {
                    var text = string.Concat(Enumerable.Repeat(before, depth)) + middle + (open ? "" : string.Concat(Enumerable.Repeat(after, depth)));
                    if (open && before == "")
                    {
                        continue;
                    }

                    var result = CelParser.Parse(text);

                    Assert.Null(result.Ast);
                    Assert.Contains(
                        result.Issues,
                        i => i.Message is "expression recursion limit exceeded: 250" or "expression node count exceeds limit: 200000");
                    Assert.InRange(result.Issues.Count, 1, 3);
                }
            }
        });
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("a?b:", "c", "")]
    [InlineData("!f(", "x", ")")]
    [InlineData("", "a", ".b")]
    [InlineData("", "a", "+a")]
    public void Nesting_up_to_the_limit_is_accepted_and_every_pass_gets_along(string before, string middle, string after) => OnSmallStack(() =>
    {
        var text = string.Concat(Enumerable.Repeat(before, 249)) + middle + string.Concat(Enumerable.Repeat(after, 249));

        Assert.Null(RoundTrip.Failure(text));
        Parsed.Ok(text);
        Parsed.Bad(before + text + after);
    });

    [Fact]
    public void Comprehensions_nest_to_a_limit()
    {
        Assert.Null(RoundTrip.Failure(Nested("[1].map(x,", 32)));
        Parsed.Ok(Nested("[1].map(x,", 32));
        var issue = Assert.Single(Parsed.Bad(Nested("[1].map(x,", 33)));
        Assert.Equal("comprehension nesting limit exceeded: 32", issue.Message);
        Assert.Equal(Nested("[1].map(x,", 33).LastIndexOf('(') + 1, issue.Column);
        Assert.Equal("comprehension nesting limit exceeded: 2", Assert.Single(Parsed.Bad(
            "a.all(x, b.exists(y, {'k': [c.filter(z, true)]}.size() > 0))", SyntaxOptions.Kubernetes with { MaxComprehensionDepth = 2 })).Message);
    }

    [Fact]
    public void What_loops_once_may_be_as_deep_as_trees_may_be_high()
    {
        // A chain goes over each list once, and a fold over nothing only binds a name.
        Parsed.Ok("a" + string.Concat(Enumerable.Repeat(".map(x, x)", 200)));
        Parsed.Ok(Nested("cel.bind(x, 1, ", 80), SyntaxOptions.Spec);
        Parsed.Ok(Nested("[].map(x,", 160));
        Assert.Equal("expression recursion limit exceeded: 250", Assert.Single(Parsed.Bad(Nested("[].map(x,", 170))).Message);
    }

    private static string Nested(string open, int depth) => string.Concat(Enumerable.Repeat(open, depth)) + "x" + new string(')', depth);

    [Theory]
    [InlineData(" && ")]
    [InlineData(" || ")]
    public void Long_logical_chains_are_low_trees(string sign) => OnSmallStack(() =>
    {
        var ast = Parsed.Ok(string.Join(sign, Enumerable.Repeat("a", 19_000)));

        Assert.InRange(ast.Root.Height, 15, 16);
        Assert.Null(RoundTrip.Failure(ast.Source.Text));
    });

    [Fact]
    public void Signs_and_elements_may_be_many()
    {
        Assert.Equal("(-_ a)", TreeText.Of(new string('-', 99_999) + "a", SyntaxOptions.Kubernetes with { MaxCodePoints = 100_000 }));
        Assert.Equal("a", TreeText.Of(new string('!', 99_998) + "a"));
        Assert.Equal(49_999, ((ListExpr)Parsed.Ok($"[{string.Join(',', Enumerable.Repeat("1", 49_999))}]").Root).Elements.Length);
    }

    [Fact]
    public void Text_is_measured_in_characters()
    {
        var crowns = "'" + string.Concat(Enumerable.Repeat("👑", 99_998)) + "'";

        Parsed.Ok(crowns);
        Assert.Equal("1:1: expression code point size exceeds limit: size: 100001, limit 100000", Parsed.Error(crowns + " "));
    }

    [Fact]
    public void Errors_stop_at_the_limit()
    {
        var issues = Parsed.Bad(string.Join('+', Enumerable.Repeat("for", 200)));

        Assert.Equal(101, issues.Count);
        Assert.Equal("More than 100 syntax errors", issues[^1].Message);
        Assert.Equal(101, Parsed.Bad(new string('$', 50_000)).Count);
    }

    [Fact]
    public void Copies_of_copies_stop_at_the_limit_of_nodes()
    {
        var issue = Assert.Single(Parsed.Bad("a" + string.Concat(Enumerable.Repeat(".optMap(x, x)", 60))));

        Assert.Equal("expression node count exceeds limit: 200000", issue.Message);
        Parsed.Ok("a" + string.Concat(Enumerable.Repeat(".optMap(x, x)", 10)));
    }

    /// <summary>Parses and looks whether the result keeps its promises; true when there is a tree.</summary>
    private static bool Check(string text, SyntaxOptions options)
    {
        var result = CelParser.Parse(text, options);
        Assert.True(result.Ast is null == result.Issues.Count > 0, text);
        Assert.All(result.Issues, i => Assert.InRange(i.Offset, 0, text.Length));
        IssueText.Of(result.Source, result.Issues);
        if (result.Ast is not { } ast)
        {
            return false;
        }

        CheckSpans(ast.Root, text);
        var ids = Ids.Of(ast.Root);
        Assert.All(ids, id => Assert.InRange(id, 0, ast.IdCount - 1));
        Assert.True(ids.Count == ids.Distinct().Count(), $"{text}: an id is used twice");
        return true;
    }

    private static void CheckSpans(CelExpr node, string text)
    {
        Assert.True(
            node.Span.Start >= 0 && node.Span.End <= text.Length && node.Span.Position >= node.Span.Start && node.Span.Position <= node.Span.End,
            $"{text}: {node.GetType().Name} at {node.Span}");
        if (node is CallExpr call)
        {
            Assert.All(call.Arguments, a => CheckSpans(a, text));
        }
        else if (node is SelectExpr select)
        {
            Assert.True(select.Operand.Span.Start >= select.Span.Start && select.Operand.Span.End <= select.Span.End, text);
            CheckSpans(select.Operand, text);
        }
    }

    private static string Mutate(Random random, string text)
    {
        var mutated = new StringBuilder(text);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(mutated.Length);
            var length = Math.Min(random.Next(1, 12), mutated.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    mutated.Remove(at, length);
                    break;
                case 1:
                    mutated.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 2:
                    mutated[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 3:
                    mutated.Insert(random.Next(mutated.Length), mutated.ToString(at, length));
                    break;
                default:
                    mutated.Insert(at, '(').Insert(Math.Min(mutated.Length, at + length + 1), ')');
                    break;
            }

            mutated.Append(mutated.Length == 0 ? "a" : "");
        }

        return mutated.ToString();
    }

    /// <summary>Two thirds of what a thread usually gets: what recurses must be far from the end of the stack.</summary>
    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            maxStackSize: 1024 * 1024);
        thread.Start();
        thread.Join();
        Assert.True(failure is null, failure?.ToString());
    }
}
