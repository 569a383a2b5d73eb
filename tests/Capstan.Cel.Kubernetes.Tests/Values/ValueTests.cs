using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Kubernetes.Tests.Values;

public class ValueTests
{
    [Theory]
    [InlineData("semver")]
    [InlineData("ip")]
    [InlineData("cidr")]
    [InlineData("url")]
    [InlineData("format")]
    [InlineData("escape")]
    public void Answers_as_Kubernetes_does(string kind)
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Values", "kubernetes-values.jsonl")))
        {
            var (input, expected) = (Strings(JsonNode.Parse(line)![0]!), Strings(JsonNode.Parse(line)![1]!));
            if (input[0] != kind)
            {
                continue;
            }

            count++;
            var actual = ValueAnswers.Of(kind, input[1..]);
            if (!actual.Select(Uniform).SequenceEqual(expected.Select(Uniform)))
            {
                different.Add($"{line} but here {string.Join(", ", actual)}");
            }
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
        Assert.True(count > 15, $"only {count} cases");
    }

    [Fact]
    public void Names_survive_escaping() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements("_", "__", "a", "dot", "for", "-", ".", "/", "x1", "underscores").ListOf().Select(string.Concat).ToArbitrary(),
        name => name.Length == 0 || FieldNameEscaping.Unescape(FieldNameEscaping.Escape(name)!) == name));

    [Fact]
    public void Addresses_print_and_parse_to_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<ulong>(), (high, low) =>
        {
            var v6 = new IpAddress(new UInt128(high & 0xffff_0000_ffff_0000 | 1UL << 63, low), IsV6: true);
            var v4 = new IpAddress((uint)low, IsV6: false);
            return IpAddress.TryParse(v6.ToString(), out var six, out _) && six == v6 && IpAddress.TryParse(v4.ToString(), out var four, out _) && four == v4;
        }));

    [Fact]
    public void No_text_makes_a_reader_throw() => Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        text ??= "";
        SemanticVersion.TryParse(text, normalize: true, out _, out _);
        Cidr.TryParse(text, out _, out _);
        Url.TryParse("http://" + text, out _, out _);
        return NamedFormat.Names.All(name => NamedFormat.Named(name)!.Validate(text) is not null);
    }));

    private static string Uniform(string text) => text.StartsWith("[\"", StringComparison.Ordinal) || text.StartsWith('{') ? JsonNode.Parse(text)!.ToJsonString() : text;

    private static string[] Strings(JsonNode node) => [.. node.AsArray().Select(item => item!.GetValue<string>())];
}
