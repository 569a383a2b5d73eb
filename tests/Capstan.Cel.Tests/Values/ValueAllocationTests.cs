using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>What an evaluation calls for every object must not make garbage.</summary>
public class ValueAllocationTests
{
    private static readonly string Text = new('a', 1000);
    private static readonly string Other = Text[..^1] + "b";
    private static readonly byte[] Utf8 = CelUtf8.Bytes(Text + "\u2603");
    private static readonly CelTimestamp Now = CelTimestamp.TryCreate(1_700_000_000, 5, out var now) ? now : default;
    private static readonly CelNumber[] Numbers = [CelNumber.Of(1L), CelNumber.Of(2.5), CelNumber.Of(2UL)];

    private static readonly (string Name, Func<long, long> Call)[] Calls =
    [
        ("add", i => CelNumbers.TryAdd(i, 7, out var sum) ? sum : 0),
        ("multiply", i => CelNumbers.TryMultiply(i, 7, out var product) ? product : 0),
        ("divide", i => CelNumbers.Divide(i, 7, out var quotient) == CelErrorKind.None ? quotient : 0),
        ("division by zero", i => (long)CelNumbers.Divide(i, 0, out _)),
        ("int overflow", i => CelNumbers.TryAdd(long.MaxValue, i + 1, out _) ? 0 : 1),
        ("compare int and double", i => CelNumbers.TryCompare(i, 2.5, out var order) ? order : 0),
        ("greatest", i => CelMath.Greatest(Numbers, out var greatest) == CelErrorKind.None ? greatest.Int + i : 0),
        ("int(string)", i => CelNumberText.TryReadInt("12345", out var value) ? value : 0),
        ("double(string)", i => CelDoubleReader.TryRead("123.45", out var value) ? (long)value : 0),
        ("size", i => CelText.Size(Text)),
        ("size of UTF-8", i => CelUtf8.Size(Utf8)),
        ("compare strings", i => CelText.Compare(Text, Other)),
        ("indexOf", i => CelText.TryIndexOf(Other, "b", 10, strict: false, out var index) ? index : 0),
        ("charAt of ASCII", i => CelText.TryCharAt(Text, 7, out var one) ? one.Length : 0),
        ("substring of UTF-8", i => CelUtf8.Substring(Utf8, 5, 1001, out var range, out _) == CelErrorKind.None ? range.End.Value : 0),
        ("lowerAscii of lower case", i => CelText.LowerAscii(Text).Length),
        ("duration(string)", i => CelDuration.TryParse("1h30m", out var duration) ? duration.GetMinutes() : 0),
        ("timestamp(string)", i => CelTimestamp.Parse("2009-02-13T23:31:30.5Z", keepOffset: false, out var timestamp) == CelErrorKind.None ? timestamp.Nanos : 0),
        ("timestamp + duration", i => Now.TryAdd(new(i), out var later) ? later.CompareTo(Now) : 0),
        ("getDate", i => Now.Get(CelTimeField.Date)),
        ("getHours with a zone", i => CelTimeZone.TryFind("+02:00", out var zone) ? Now.Get(CelTimeField.Hours, zone) : 0),
    ];

    [Fact]
    public void Comparisons_arithmetic_and_sizes_allocate_nothing()
    {
        var guilty = new List<string>();
        foreach (var (name, call) in Calls)
        {
            long sum = 0;
            for (var i = 0; i < 100; i++) sum += call(i);
            var bytes = Allocated.By(() =>
            {
                for (var i = 0; i < 1000; i++) sum += call(i);
            });
            if (bytes > 0) guilty.Add($"{name}: {bytes} bytes for 1,000 calls ({sum})");
        }

        Assert.True(guilty.Count == 0, string.Join('\n', guilty));
    }
}
