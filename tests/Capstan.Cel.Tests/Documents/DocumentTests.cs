using System.Text;
using Capstan.Cel.Documents;

namespace Capstan.Cel.Tests.Documents;

public class DocumentTests
{
    [Theory]
    [InlineData("", 0, "the text ends where a value should be")]
    [InlineData(" \n", 2, "the text ends where a value should be")]
    [InlineData("{\"a\"", 4, "the text ends where ':' should be")]
    [InlineData("{\"a\":1,}", 7, "expected a name in quotes")]
    [InlineData("[1,]", 3, "expected a value")]
    [InlineData("[1 2]", 3, "expected ',' or ']'")]
    [InlineData("{\"a\":1]", 6, "expected ',' or '}'")]
    [InlineData("1 1", 2, "expected the end of the text")]
    [InlineData("01", 0, "a number with a leading zero")]
    [InlineData("-", 1, "the text ends where a digit should be")]
    [InlineData("1.x", 2, "expected a digit")]
    [InlineData("\"a\nb\"", 2, "a control character in a string must be escaped")]
    [InlineData("\"a\\qb\"", 2, "no such escape")]
    [InlineData("\"\\ud800x\"", 1, "half of a surrogate pair")]
    [InlineData("\"\\udc00\"", 1, "half of a surrogate pair")]
    [InlineData("\"abc", 4, "the text ends where '\"' should be")]
    [InlineData("\"abc\\", 4, "the text ends in an escape")]
    [InlineData("nulL", 0, "expected a value")]
    public void A_fault_is_told_with_its_place(string text, int offset, string problem)
    {
        var fault = Assert.Throws<CelDocumentException>(() => CelDocument.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Equal($"invalid JSON at byte {offset}: {problem}", fault.Message);
        Assert.Equal(offset, fault.Offset);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_where_they_stand()
    {
        var fault = Assert.Throws<CelDocumentException>(() => CelDocument.Parse(new byte[] { (byte)'"', (byte)'a', 0xC3, 0xA9, 0xFF, (byte)'"' }));
        Assert.Equal((4, "invalid JSON at byte 4: a string that is no UTF-8"), (fault.Offset, fault.Message));
    }

    [Fact]
    public void What_another_reader_let_pass_is_replaced()
    {
        var document = CelDocument.ParseLeniently(new byte[] { (byte)'[', (byte)'"', 0xFF, (byte)'"', (byte)']' });
        Assert.Equal("\uFFFD", document.String(1));
        document = CelDocument.ParseLeniently("""{"\ud800a":"\udc00\ud83d\udc51","b":1}"""u8.ToArray());
        Assert.Equal(("\uFFFDa", "\uFFFD👑"), (document.String(1), document.String(2)));
        Assert.True(document.TryGet(CelDocument.Root, "\uFFFDa"u8, out _));
        Assert.True(document.TryGet(CelDocument.Root, "b"u8, out _));
    }

    [Fact]
    public void Depth_is_bounded_and_takes_no_stack()
    {
        var deep = CelDocument.MaxDepth;
        var document = CelDocument.Parse(Encoding.UTF8.GetBytes(new string('[', deep) + new string(']', deep)));
        Assert.Equal(deep, document.After(CelDocument.Root));
        var fault = Assert.Throws<CelDocumentException>(() => CelDocument.Parse(Encoding.UTF8.GetBytes(new string('[', 1_000_000))));
        Assert.Equal(deep, fault.Offset);
        fault = Assert.Throws<CelDocumentException>(() => CelDocument.Parse(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))));
        Assert.Equal(deep * 5, fault.Offset);
    }

    [Fact]
    public void The_last_of_equal_names_wins_however_it_is_spelt()
    {
        var document = CelDocument.Parse("""{"a":1,"b":2,"\u0061":3}"""u8.ToArray());
        Assert.True(document.TryGet(CelDocument.Root, new FieldName("a"), out var value));
        Assert.Equal(3, document.Node(value).Number);
        Assert.True(document.HasDuplicates(CelDocument.Root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Large_objects_are_looked_up_in_a_table_after_a_while(bool duplicates)
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"prefix-{i:D8}-postfix").ToList();
        var text = string.Join(',', names.Select((n, i) => $"\"{n}\":[{i}]"));
        var document = CelDocument.Parse(Encoding.UTF8.GetBytes(duplicates ? $$"""{{{text}},"{{names[5]}}":[7]}""" : $$"""{{{text}}}"""));
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < names.Count; i++)
            {
                Assert.True(document.TryGet(CelDocument.Root, new FieldName(names[i]), out var value));
                Assert.Equal(duplicates && i == 5 ? 7 : i, document.Node(document.Element(value, 0)).Number);
            }

            Assert.False(document.TryGet(CelDocument.Root, new FieldName("prefix-00001000-postfix"), out _));
        }

        Assert.Equal(duplicates, document.HasDuplicates(CelDocument.Root));
    }

    [Fact]
    public void Text_in_the_middle_of_memory_is_read_where_it_lies()
    {
        var bytes = Encoding.UTF8.GetBytes("xx[\"ab\",\"cd\\u0065\"]xx\"]");
        var document = CelDocument.Parse(bytes.AsMemory(2, 17));
        Assert.Equal(("ab", "cde"), (document.String(1), document.String(2)));
        Assert.Equal(3, Assert.Throws<CelDocumentException>(() => CelDocument.Parse(bytes.AsMemory(2, 3))).Offset);
    }

    [Fact]
    public void A_document_that_is_used_again_allocates_nothing_and_forgets_what_it_held()
    {
        byte[][] texts = [.. Enumerable.Range(0, 50).Select(RandomJson.Valid), "{\"b\\u0061\":{\"c\":1}}"u8.ToArray()];
        var document = new CelDocument();
        Assert.Equal(TapeKind.Null, document.Kind(CelDocument.Root));
        for (var i = 0; i < 2; i++)
        {
            foreach (var text in texts.Where(t => !t.Contains((byte)'\\')))
            {
                document.Reset(text);
            }
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            foreach (var text in texts)
            {
                if (!text.Contains((byte)'\\'))
                {
                    document.Reset(text);
                }
            }
        }));
        Assert.Throws<CelDocumentException>(() => document.Reset("{\"a\":[1,2"u8.ToArray()));
        Assert.Equal(TapeKind.Null, document.Kind(CelDocument.Root));
        document.Reset("[1]"u8.ToArray());
        Assert.Equal(1, document.Count(CelDocument.Root));
    }
}
