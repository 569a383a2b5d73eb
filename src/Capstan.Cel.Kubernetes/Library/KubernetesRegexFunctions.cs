using System.Collections.Immutable;
using System.Text;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Kubernetes' <c>find</c> and <c>findAll</c>: the parts of a text that match a pattern of RE2.</summary>
internal static class KubernetesRegexFunctions
{
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        find
          string_find_string string.(string) -> string
        findAll
          string_find_all_string string.(string) -> list(string)
          string_find_all_string_int string.(string, int) -> list(string)
        """);

    public static void Declare(FunctionSet set)
    {
        const string Fault = "Illegal regex: ";
        CelKind[] two = [CelKind.String, CelKind.String];
        set.Pattern("find", isMember: true, two, (pattern, a) => First(pattern, a[0]), Fault);
        set.Pattern("findAll", isMember: true, two, (pattern, a) => All(pattern, a[0], -1), Fault);
        set.Pattern("findAll", isMember: true, [.. two, CelKind.Int], (pattern, a) => All(pattern, a[0], a[2].Int), Fault);
    }

    /// <summary>The first match; empty when there is none, which an empty match is not told from.</summary>
    private static CelValue First(Re2 pattern, CelValue text)
    {
        if (text.TryUtf8(out var utf8))
        {
            return CelValue.Of(pattern.Find(utf8) is { } bytes ? Encoding.UTF8.GetString(utf8.Slice(bytes.Start, bytes.Length)) : "");
        }

        var whole = text.String;
        return CelValue.Of(pattern.Find(whole) is { } range ? whole.Substring(range.Start, range.Length) : "");
    }

    /// <summary>The matches from left to right, at most <paramref name="limit"/> of them unless that is negative.</summary>
    private static CelValue All(Re2 pattern, CelValue text, long limit)
    {
        var whole = text.String;
        var matches = new List<CelValue>();
        var done = pattern.TryVisit(whole, (int)Math.Clamp(limit, -1, int.MaxValue), groups: 1, match =>
        {
            matches.Add(CelValue.Of(whole.Substring(match[0].Start, match[0].Length)));
            return true;
        });
        return done ? CelValue.Of(CelList.Of([.. matches])) : CelValue.Failure(RegexFunctions.TooManySteps);
    }
}
