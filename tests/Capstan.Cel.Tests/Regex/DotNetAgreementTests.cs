using System.Text;
using System.Text.RegularExpressions;
using Capstan.Cel.Regex;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Tests.Regex;

/// <summary>
/// On patterns that mean the same to both (no newline, no repetition of what can be empty) a backtracking engine
/// finds the same first match and groups.
/// </summary>
public sealed class DotNetAgreementTests
{
    [Fact]
    public void First_match_and_groups_are_those_of_the_engine_of_NET()
    {
        var (compared, matched) = (0, 0);
        var property = Prop.ForAll(Arb.From(Pattern(3)), Arb.From(Texts()), (pattern, text) =>
        {
            var expected = System.Text.RegularExpressions.Regex.Match(text, pattern, RegexOptions.CultureInvariant | RegexOptions.ECMAScript);
            var expression = Re2.Compile(pattern);
            var actual = expression.FindGroups(text);
            compared++;
            matched += actual is null ? 0 : 1;
            Assert.True(Show(expected) == Show(actual), $"/{pattern}/ on '{text}': .NET {Show(expected)}, Re2 {Show(actual)}");
            Assert.Equal(expected.Success, expression.IsMatch(text));
            Assert.Equal(expected.Success, expression.IsMatch(Encoding.UTF8.GetBytes(text)));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(20261121, 7), property);
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} compared, {matched} had a match");
        Assert.InRange(matched, compared / 4, compared - compared / 20);
    }

    private static string Show(Match match) =>
        match.Success ? string.Join(' ', match.Groups.Cast<Group>().Select(g => g.Success ? $"{g.Index}-{g.Index + g.Length}" : "no")) : "none";

    private static string Show(Re2Range[]? groups) => groups is null ? "none" : string.Join(' ', groups.Select(g => g.Success ? $"{g.Start}-{g.End}" : "no"));

    /// <summary>Short ones: the other engine takes exponential time.</summary>
    private static Gen<string> Texts() => Gen.Elements('a', 'b', 'c', ' ').ArrayOf().Select(chars => new string(chars.AsSpan(0, Math.Min(9, chars.Length))));

    private static Gen<string> Pattern(int depth) => Gen.OneOf(
        NonEmpty(depth),
        NonEmpty(depth),
        NonEmpty(depth).SelectMany(p => Gen.Elements("*", "*?", "?", "??", "{0,2}").Select(r => $"(?:{p}){r}")),
        NonEmpty(depth).SelectMany(p => Gen.Elements("^", @"\b", @"\B").Select(a => a + p)),
        NonEmpty(depth).Select(p => $"(?:{p})$"));

    /// <summary>Patterns that match at least one character.</summary>
    private static Gen<string> NonEmpty(int depth)
    {
        var leaf = Gen.Elements("a", "b", "c", ".", "[ab]", "[^a]", @"\w", @"\s", "a*b", "ab?", "a+?");
        if (depth == 0)
        {
            return leaf;
        }

        var sub = NonEmpty(depth - 1);
        return Gen.OneOf(
            leaf,
            sub.SelectMany(p => Gen.Elements("+", "+?", "{1,2}", "{2}", "{2,}?").Select(r => $"(?:{p}){r}")),
            sub.Select(p => $"({p})"),
            sub.SelectMany(x => sub.Select(y => $"(?:{x}|{y})")),
            sub.SelectMany(x => Pattern(depth - 1).Select(y => x + y.Replace("$", "", StringComparison.Ordinal))));
    }
}
