using System.Text;
using System.Text.Json;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Tests.Regex;

/// <summary>
/// What Go 1.26's regexp said of patterns and texts: each line of go-answers.jsonl has a pattern and its error, or texts (in UTF-8; "bytes" in
/// hexadecimal where it is none) with start and end of each match and its groups, in bytes.
/// </summary>
public sealed class GoAnswersTests
{
    [Fact]
    public void Patterns_that_Go_refuses_are_refused_in_its_words()
    {
        var wrong = new List<string>();
        var refused = Lines().Where(l => l.TryGetProperty("error", out _)).ToList();
        foreach (var line in refused)
        {
            var pattern = line.GetProperty("pattern").GetString()!;
            var error = Record.Exception(() => Re2.Compile(pattern));
            if (error is not Re2SyntaxException || error.Message != line.GetProperty("error").GetString())
            {
                wrong.Add($"{line}: {error?.Message ?? "accepted"}");
            }
        }

        Assert.True(refused.Count > 200, $"{refused.Count} patterns");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Matches_and_groups_in_bytes_are_those_of_Go()
    {
        var wrong = new List<string>();
        var texts = 0;
        foreach (var (pattern, text, matches) in Answers())
        {
            texts++;
            var expression = Re2.Compile(pattern);
            var first = expression.FindGroups(text) is { } groups ? Show(groups) : null;
            var all = expression.FindAll(text).Select(m => (m.Start, m.End));
            if (expression.IsMatch(text) != matches.Length > 0 || first != (matches.Length > 0 ? string.Join(' ', matches[0]) : null)
                || !all.SequenceEqual(matches.Select(m => (m[0], m[1]))) || expression.Find(text)?.Start != matches.FirstOrDefault()?[0])
            {
                wrong.Add($"{pattern} on {Convert.ToHexString(text)}: {first}, {string.Join(' ', all)}");
            }
        }

        Assert.True(texts > 1000, $"{texts} texts");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Matches_and_groups_in_UTF16_are_those_of_Go()
    {
        var wrong = new List<string>();
        foreach (var (pattern, bytes, matches) in Answers().Where(a => System.Text.Unicode.Utf8.IsValid(a.Text)))
        {
            var expression = Re2.Compile(pattern);
            var text = Encoding.UTF8.GetString(bytes);
            var expected = matches.Select(m => string.Join(' ', m.Select(at => at < 0 ? at : Encoding.UTF8.GetCharCount(bytes, 0, at))));
            var all = expression.FindAllGroups(text).Select(Show).ToList();
            if (expression.IsMatch(text) != matches.Length > 0 || !all.SequenceEqual(expected))
            {
                wrong.Add($"{pattern} on {text}: {string.Join(", ", all)}");
            }
        }

        Assert.Empty(wrong);
    }

    private static string Show(Re2Range[] groups) => string.Join(' ', groups.Select(g => g.Success ? $"{g.Start} {g.End}" : "-1 -1"));

    private static IEnumerable<(string Pattern, byte[] Text, int[][] Matches)> Answers() =>
        from line in Lines()
        where line.TryGetProperty("texts", out _)
        from text in line.GetProperty("texts").EnumerateArray()
        select (line.GetProperty("pattern").GetString()!,
            text.TryGetProperty("bytes", out var hex) ? Convert.FromHexString(hex.GetString()!) : Encoding.UTF8.GetBytes(text.GetProperty("text").GetString()!),
            text.GetProperty("matches").EnumerateArray().Select(m => m.EnumerateArray().Select(n => n.GetInt32()).ToArray()).ToArray());

    private static IEnumerable<JsonElement> Lines()
    {
        using var reader = new StreamReader(typeof(GoAnswersTests).Assembly.GetManifestResourceStream("go-answers.jsonl")!);
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }
}
