using System.Text;
using System.Text.Json;
using Capstan.Cel.Documents;

namespace Capstan.Cel.Tests.Documents;

/// <summary>Documents as values of expressions.</summary>
public class DocumentValueTests
{
    private const string Deployment = """
        {"metadata":{"name":"web","namespace":"shop","labels":{"app":"web","team":"checkout"}},
         "spec":{"replicas":3,"paused":false,"containers":[
           {"name":"a","image":"reg/a:1","ports":[{"port":80},{"port":81}],"resources":{"limits":{"cpu":"1"}}},
           {"name":"b","image":"reg/b:1","ports":[],"resources":{"limits":{}}}]}}
        """;

    private static readonly CelEnvironment _environment = CelEnvironment.Kubernetes.WithVariable("object", CelType.Dyn);

    [Theory]
    [InlineData("object.spec.replicas <= 20")]
    [InlineData("object.spec.replicas * 2 + 1 == 7 && object.spec.replicas % 2 == 1")]
    [InlineData("object.metadata.labels.team == 'checkout'")]
    [InlineData("object.metadata.name != object.metadata.namespace")]
    [InlineData("has(object.metadata.labels) && has(object.metadata.labels.app)")]
    [InlineData("object.spec.containers.all(c, has(c.resources) && has(c.resources.limits))")]
    [InlineData("object.spec.containers.all(c, c.image.startsWith('reg/') && c.image.endsWith(':1') && c.image.contains('/'))")]
    [InlineData("object.spec.containers.all(c, c.ports.all(p, p.port >= 80))")]
    [InlineData("object.spec.containers.exists(c, c.image.matches('b:[0-9]'))")]
    [InlineData("object.spec.containers[0].ports[1].port == 81")]
    [InlineData("object.metadata.labels.all(k, k.size() <= 63) && 'app' in object.metadata.labels")]
    [InlineData("object.metadata.name in ['db', 'web'] && object.metadata.labels.exists_one(k, k == 'team')")]
    [InlineData("object.spec.missing == 1 || (has(object.spec.other) ? 0 : object.spec.replicas) == 3")]
    [InlineData("object.spec.containers.size() == 2 && object.metadata.labels.size() == 2 && !object.spec.paused")]
    public void From_bytes_to_the_verdict_nothing_is_allocated(string expression)
    {
        var bytes = Encoding.UTF8.GetBytes(Deployment);
        var document = new CelDocument();
        var program = _environment.Compile(expression);
        var limits = new CelLimits { Cost = 10_000 };
        bool Holds()
        {
            document.Reset(bytes);
            return program.Evaluate([CelValue.Of(document)], limits).Value.Bool;
        }

        for (var i = 0; i < 1000; i++)
        {
            Assert.True(Holds());
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Holds();
            }
        }));
    }

    [Theory]
    [InlineData("object.size() == 2 && object.b == 2 && object.a == 3")]
    [InlineData("object == {'a': 3, 'b': 2} && {'a': 3, 'b': 2} == object")]
    [InlineData("object.map(k, k) == ['a', 'b'] && object.transformList(k, v, v) == [3, 2]")]
    [InlineData("has(object.a) && 'a' in object && object['a'] == 3")]
    public void Of_equal_names_the_last_counts_in_the_place_of_the_first(string expression)
    {
        var document = CelDocument.Parse("""{"a":1,"b":2,"\u0061":3}"""u8.ToArray());
        Assert.Equal("true", _environment.Compile(expression).Evaluate([CelValue.Of(document)]).Value.ToString());
    }

    [Fact]
    public void A_name_is_found_in_every_document_whatever_it_remembers_of_others()
    {
        FieldName[] known = [.. new[] { "", "a", "name", "spec", "metadata", "app.kubernetes.io/name", "nam\u0065", "é" }.Select(n => new FieldName(n))];
        var found = 0;
        for (var seed = 0; seed < 5000; seed++)
        {
            var document = CelDocument.Parse(RandomJson.Valid(seed));
            for (var round = 0; round < 2; round++)
            {
                for (int node = 0, end = document.After(CelDocument.Root); node < end; node++)
                {
                    if (document.Kind(node) != TapeKind.Object)
                    {
                        continue;
                    }

                    foreach (var name in known)
                    {
                        var here = document.TryGet(node, name, out var value);
                        Assert.Equal(document.TryGet(node, new FieldName(name.Text), out var expected), here);
                        Assert.Equal(expected, value);
                        found += here ? 1 : 0;
                    }
                }
            }
        }

        Assert.InRange(found, 1000, int.MaxValue);
    }

    [Fact]
    public void An_element_that_was_read_leniently_is_a_value_too()
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using var commented = JsonDocument.Parse("""{"a":[1,/* two */2,],}""", options);
        Assert.Equal("true", _environment.Compile("object.a == [1, 2]").Evaluate([CelValue.Of(commented.RootElement)]).Value.ToString());

        using var deep = JsonDocument.Parse(new string('[', 600) + new string(']', 600), new() { MaxDepth = 1000 });
        Assert.StartsWith("JSON cannot be read: ", CelValue.Of(deep.RootElement).ErrorMessage, StringComparison.Ordinal);

        using var scalars = JsonDocument.Parse("""["x\u0041",1,1.0,18446744073709551615,null,true]""");
        Assert.Equal(
            ["xA", "1", "1", "1.8446744073709552e+19", "null", "true"],
            scalars.RootElement.EnumerateArray().Select(e => CelValue.Of(e).ToString()));
        Assert.Equal(CelKind.None, CelValue.Of(default(JsonElement)).Kind);
    }

    [Fact]
    public void A_program_may_evaluate_another_while_it_is_evaluated()
    {
        var inner = CelEnvironment.Kubernetes.WithVariable("n", CelType.Int).Compile("[n, n].all(x, x == n) ? n + 1 : 0");
        var outer = CelEnvironment.Kubernetes.WithFunction("next", "(int) -> int", a => inner.Evaluate([a[0]]).Value)
            .Compile("[1, 2, 3].map(i, next(i) + next(next(i)))");
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(["5", "7", "9"], outer.Evaluate([]).Value.List.ToArray().Select(v => v.ToString()));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(1_000_003)]
    [InlineData(int.MaxValue)]
    public void The_length_of_a_text_is_kept_to_one_in_8192(int length)
    {
        var kept = new TapeNode { Tag = (uint)TapeKind.Array | TapeNode.Nested | TapeNode.OfLength(length) };
        Assert.Equal(TapeKind.Array, kept.Kind);
        Assert.InRange(kept.TextLength, length - (length / 8192), length);
    }
}
