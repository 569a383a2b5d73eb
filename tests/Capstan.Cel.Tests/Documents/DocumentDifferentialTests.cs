using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Tests.Documents;

public class DocumentDifferentialTests
{
    [Fact]
    public void Valid_texts_read_as_System_Text_Json_reads_them() => Compare(RandomJson.Valid, 20_000);

    [Fact]
    public void Damaged_texts_are_refused_exactly_where_they_are_no_JSON() => Compare(RandomJson.Damaged, 60_000);

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Prop.ForAll<byte[]>(bytes => DocumentText.Difference(bytes) is null).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Any_text_comes_back_as_it_was_written() =>
        Prop.ForAll<string>(text => text is null || text.Any(char.IsSurrogate) || Survives(text)).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Every_beginning_of_a_text_is_refused()
    {
        var text = Encoding.UTF8.GetBytes("""{"a":[1,-2.5e3,true,null],"b\u0041":"xé\n","c":{"d":false}}""");
        for (var length = 0; length < text.Length; length++)
        {
            var part = text.AsMemory(0, length);
            var fault = Assert.Throws<CelDocumentException>(() => CelDocument.Parse(part));
            Assert.InRange(fault.Offset, 0, length);
        }

        Assert.Null(DocumentText.Difference(text));
    }

    private static bool Survives(string text)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [text] = text });
        var document = CelDocument.Parse(json);
        return document.String(1) == text && document.String(2) == text
            && document.TryGet(CelDocument.Root, Encoding.UTF8.GetBytes(text), out var value) && value == 2;
    }

    private static void Compare(Func<int, byte[]> make, int count)
    {
        var refused = 0;
        for (var seed = 0; seed < count; seed++)
        {
            var text = make(seed);
            var difference = DocumentText.Difference(text);
            Assert.True(difference is null, $"seed {seed}: {difference}\n{Encoding.UTF8.GetString(text)}");
            refused += IsJson(text) ? 0 : 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} texts, {refused} refused");
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            CelDocument.Parse(text);
            return true;
        }
        catch (CelDocumentException)
        {
            return false;
        }
    }
}
