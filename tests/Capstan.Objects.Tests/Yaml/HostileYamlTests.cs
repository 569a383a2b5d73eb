using System.Text;
using Capstan.Yaml;
using Xunit;

namespace Capstan.Objects.Tests.Yaml;

public sealed class HostileYamlTests
{
    private const string Alphabet = "[]{},:-?&*!|>'\"%@`#~ \n\n\t\rab1.\\\0\uFEFF\u2028é";

    private const string Manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a, labels: {app: "x", tier: 'y'}}
        data: &d
          list: [1, 2.5, true, ~, [a, b], {c: d}]
          text: |
            one
            two
          folded: >-
            three
        other: *d
        --- # next
        - !!str 5
        - ? key
          : value
        """;

    [Theory]
    [InlineData("a: [1,\nb: 2\n", 2)]
    [InlineData("[a\nb: c", 2)]
    public void A_flow_list_that_is_not_closed_is_a_fault_with_a_line(string text, int line)
    {
        var fault = Assert.Throws<YamlFormatException>(() => YamlReader.ReadAll(text, "x.yaml"));
        Assert.Equal(line, fault.Line);
    }

    [Fact]
    public void Whatever_a_text_is_it_is_read_or_refused_with_a_place()
    {
        var random = new Random(20261121);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = i % 2 == 0 ? Noise(random, random.Next(1, 40)) : Damaged(random);
            try
            {
                YamlReader.ReadAll(text, "x.yaml", DuplicateKeys.LastWins);
            }
            catch (YamlFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{e.GetType().Name}: {e.Message} for {System.Text.Json.JsonSerializer.Serialize(text)}");
            }
        }

        Assert.InRange(refused, 1000, 19_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused} of 20,000 refused");
    }

    private static string Noise(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

    private static string Damaged(Random random)
    {
        var text = new StringBuilder(Manifest);
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(3))
            {
                case 0: text.Remove(at, 1); break;
                case 1: text.Insert(at, Alphabet[random.Next(Alphabet.Length)]); break;
                default: text[at] = Alphabet[random.Next(Alphabet.Length)]; break;
            }
        }

        return text.ToString();
    }
}
