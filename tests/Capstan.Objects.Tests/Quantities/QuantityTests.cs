using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Objects.Tests.Quantities;

public class QuantityTests
{
    private static readonly Gen<string> Texts =
        from sign in Gen.Elements("", "-")
        from digits in Gen.Choose(0, int.MaxValue)
        from more in Gen.Elements("", "0", "000", "12345678901234567890", ".5", ".000000001", ".25")
        from suffix in Gen.Elements("", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "e3", "E-2")
        select sign + digits + more + suffix;

    private static readonly Arbitrary<Quantity> Quantities = Texts.Select(Quantity.Parse).ToArbitrary();

    [Fact]
    public void Answers_as_Kubernetes_does()
    {
        var different = new List<string>();
        var cases = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Quantities", "kubernetes-quantities.jsonl"));
        foreach (var line in cases)
        {
            var (input, expected) = (Strings(JsonNode.Parse(line)![0]!), Strings(JsonNode.Parse(line)![1]!));
            var actual = QuantityAnswers.Of(input[1], input[2]);
            if (!actual.SequenceEqual(expected))
            {
                different.Add($"{line} but here {string.Join(", ", actual)}");
            }
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
        Assert.True(cases.Length > 100, $"only {cases.Length} cases");
    }

    [Fact]
    public void What_is_printed_parses_to_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(Quantities, quantity =>
        Quantity.Parse(quantity.Add(0).ToString()) == quantity && Quantity.Parse(quantity.ToString()).ToString() == quantity.ToString()));

    [Fact]
    public void Order_is_total_and_agrees_with_equality() => Check.QuickThrowOnFailure(Prop.ForAll(Quantities, Quantities, Quantities, (a, b, c) =>
        a.CompareTo(b) == -b.CompareTo(a)
        && (a.CompareTo(b) == 0) == a.Equals(b)
        && (!a.Equals(b) || a.GetHashCode() == b.GetHashCode())
        && (!(a <= b && b <= c) || a <= c)
        && a.CompareTo(b) == a.Subtract(b).Sign));

    [Fact]
    public void Equal_amounts_have_equal_hashes() => Check.QuickThrowOnFailure(Prop.ForAll(Quantities, a =>
    {
        var other = a.Add(Quantity.Parse("0.000000001")).Subtract(Quantity.Parse("1n"));
        return other == a && other.GetHashCode() == a.GetHashCode();
    }));

    [Fact]
    public void Subtraction_undoes_addition() => Check.QuickThrowOnFailure(Prop.ForAll(Quantities, Quantities, (a, b) =>
        a.Add(b).Subtract(b) == a && a.Add(b) == b.Add(a) && a.Add(a.Negate()).Sign == 0));

    [Fact]
    public void Any_text_parses_or_is_refused_in_Kubernetes_words() => Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        Quantity.TryParse(text, out _, out var error) || error!.Contains("quantit", StringComparison.Ordinal)));

    [Theory]
    [InlineData("1e2147483647", "1", 1)]
    [InlineData("-1e2147483647", "1e2000000000", -1)]
    [InlineData("12345678901234567890e2000000000", "1e2000000001", 1)]
    public void Huge_exponents_compare_at_once_and_are_not_added(string huge, string other, int comparison)
    {
        var (left, right) = (Quantity.Parse(huge), Quantity.Parse(other));
        Assert.Equal(comparison, left.CompareTo(right));
        Assert.Throws<OverflowException>(() => left.Add(Quantity.Parse("1")));
    }

    [Fact]
    public void Tiny_exponents_round_up_at_once() => Assert.Equal("1e-9", Quantity.Parse("12345678901234567890e-2000000000").ToString());

    [Theory]
    [InlineData("\" 1Gi \"", "\"1Gi\"")]
    [InlineData("0.5", "\"500m\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("null", "\"0\"")]
    public void Reads_JSON_strings_and_numbers(string json, string written)
    {
        var options = new JsonSerializerOptions { Converters = { new QuantityConverter() } };
        Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize<Quantity>(json, options), options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("\"1Mo\"", options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("{}", options));
    }

    private static string[] Strings(JsonNode node) => [.. node.AsArray().Select(item => item!.GetValue<string>())];
}
