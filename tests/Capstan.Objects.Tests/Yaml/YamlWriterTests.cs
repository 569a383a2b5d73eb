using System.Text.Json.Nodes;
using Capstan.Yaml;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit;

namespace Capstan.Objects.Tests.Yaml;

public sealed class YamlWriterTests(ITestOutputHelper output)
{
    [Fact]
    public void Prints_in_the_layout_of_Kubernetes()
    {
        var value = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{},"creationTimestamp":"2026-01-02T03:04:05Z"},
             "data":{"port":"8080","on":"yes","glob":"*.txt","note":"a: b","text":"one\n  two\n","half":"x\ny","empty":"","tab":"a\tb"},
             "list":[{"name":"x","args":["-c","--","- a"]},[1,[]],null],"count":3,"ratio":0.5,"ok":true}
            """)!;
        const string Expected = """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              labels: {}
              creationTimestamp: "2026-01-02T03:04:05Z"
            data:
              port: "8080"
              "on": "yes"
              glob: '*.txt'
              note: 'a: b'
              text: |
                one
                  two
              half: |-
                x
                y
              empty: ""
              tab: "a\tb"
            list:
            - name: x
              args:
              - -c
              - --
              - '- a'
            - - 1
              - []
            - null
            count: 3
            ratio: 0.5
            ok: true

            """;
        var text = YamlWriter.Write(value);
        output.WriteLine(text);
        Assert.Equal(Expected, text);
    }

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40)
            .WithReplay(new Replay(new Rnd(20261121, 7), FSharpOption<int>.None));
        Check.One(config, Prop.ForAll(Arb.From(Gen.Sized(Values)), value =>
        {
            var text = YamlWriter.Write(value);
            IReadOnlyList<JsonNode> read = [];
            try
            {
                read = YamlReader.ReadAll(text, "written");
            }
            catch (YamlFormatException e)
            {
                output.WriteLine(e.Message);
            }

            var same = value is null ? read.Count == 0 : read.Count == 1 && JsonNode.DeepEquals(read[0], value);
            if (!same) output.WriteLine($"{value?.ToJsonString()}\n{text}");
            return same;
        }));
    }

    private static Gen<JsonNode?> Values(int size)
    {
        var scalars = Gen.OneOf(
            Texts().Select(JsonNode? (t) => JsonValue.Create(t)),
            Gen.Choose(-100_000, 100_000).Select(JsonNode? (n) => JsonValue.Create(n)),
            Gen.Elements<JsonNode?>(JsonValue.Create(true), JsonValue.Create(long.MaxValue), JsonValue.Create(0.25), JsonValue.Create(-1e-9), null)
                .Select(n => n?.DeepClone()));
        if (size < 2) return scalars;
        var smaller = Values(size / 3);
        return Gen.Frequency(
            (2, scalars),
            (3, Gen.ListOf(smaller, Math.Min(size, 4)).Select(JsonNode? (items) => new JsonArray([.. items.Select(i => i?.DeepClone())]))),
            (4, Gen.ListOf(Texts().Zip(smaller), Math.Min(size, 4)).Select(JsonNode? (entries) =>
            {
                var map = new JsonObject();
                foreach (var (key, value) in entries) map[key] = value?.DeepClone();
                return map;
            })));
    }

    /// <summary>Texts made of what trips YAML printers, beside ordinary words.</summary>
    private static Gen<string> Texts()
    {
        var pieces = Gen.Elements(
            "a", "word", "yes", "no", "null", "~", "1", "0x1F", "1e3", ".5", "-", "--", "---", "...", "<<", ":", ": ", " #", "#", "\n", "\n\n", " ", "  ", "\t",
            "'", "\"", "\\", "*", "&", "!", "%", "@", "`", "{", "}", "[", "]", ",", "?", "|", ">", "=", "\r", "\u0085", "\u2028", "\uFEFF", "\0", "\u007f", "ä", "😀",
            "2026-01-02", "12:30", "true", "\u00A0", "_", "+", "very long words that go on and on over more than eighty columns of the terminal and further still");
        return Gen.Choose(0, 5).SelectMany(n => Gen.ListOf(pieces, n)).Select(string.Concat);
    }
}
