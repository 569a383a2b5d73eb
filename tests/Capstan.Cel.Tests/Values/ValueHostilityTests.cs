using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>Input of people who do not mean well, and what must cost nothing.</summary>
public class ValueHostilityTests
{
    [Fact]
    public void A_surrogate_without_its_half_is_one_code_point_and_no_crash()
    {
        foreach (var text in (string[])["\uD83D", "\uDC51", "a\uD83Db", "\uDC51\uD83D", "\uD83D\uD83D\uDC51"])
        {
            var size = CelText.Size(text);
            Assert.True(CelText.TrySubstring(text, size, out var rest));
            Assert.Equal("", rest);
            Assert.Equal(size, CelText.Split(text, "", -1).Length);
            Assert.Equal(text.Length, CelText.Reverse(text).Length);
            Assert.StartsWith("\"", CelText.Quote(text), StringComparison.Ordinal);
            Assert.True(CelText.TryReplace(text, "", "-", -1, out var spread));
            Assert.Equal(text.Length + size + 1, spread.Length);
        }
    }

    [Fact]
    public void Bytes_that_are_no_utf8_stay_within_their_bounds()
    {
        var random = new Random(3);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var size = CelUtf8.Size(bytes);
            Assert.InRange(size, 0, bytes.Length);
            var trimmed = bytes[CelUtf8.Trim(bytes)];
            Assert.True(trimmed.Length <= bytes.Length);
            CelUtf8.Substring(bytes, 0, size, out _, out _);
            CelUtf8.TryIndexOf(bytes, bytes, size, strict: true, out _);
            CelUtf8.TryString(bytes, out _);
        }
    }

    [Fact]
    public void A_string_that_would_not_fit_is_an_error_before_it_is_made()
    {
        var big = new string('x', 100_000);
        Assert.False(CelText.TryReplace(big, "", big, -1, out _));
        Assert.False(CelText.TryReplace(big, "x", big, -1, out _));
        Assert.False(CelText.TryJoin(Enumerable.Repeat(big, 1000).ToArray(), "", out _));
        Assert.True(CelText.TryReplace(big, "x", "", -1, out var empty));
        Assert.Equal("", empty);
    }

    [Theory]
    [InlineData("%.1075f", "precision 1075 is greater than 1074")]
    [InlineData("%.1000000000e", "precision 1000000000 is greater than 1074")]
    public void A_precision_beyond_what_a_double_has_is_an_error(string format, string expected)
    {
        Assert.False(CelFormat.TryFormat<FormatValue>(format, [FormatValue.Of(0.1)], CelFormatStyle.Kubernetes, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_without_end_are_an_error_and_not_the_end_of_the_stack()
    {
        var value = FormatValue.Of(1L);
        for (var depth = 0; depth < 100_000; depth++) value = FormatValue.Of((FormatValue[])[value]);
        foreach (var style in Enum.GetValues<CelFormatStyle>())
        {
            Assert.False(CelFormat.TryFormat<FormatValue>("%s", [value], style, out _, out var error));
            Assert.Equal("error during formatting: " + LiteralFormat.TooDeep, error);
        }
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("Europe/../Europe/Berlin")]
    [InlineData("Europe")]
    [InlineData("zone.tab")]
    [InlineData("Europe/Berl\0in")]
    [InlineData("Local")]
    [InlineData("99999999999:00")]
    public void A_zone_that_is_none_is_an_error_and_reads_no_other_file(string name) => Assert.False(CelTimeZone.TryFind(name, out _));

    [Fact]
    public void Zone_files_cut_or_changed_anywhere_never_throw()
    {
        const string file = "/usr/share/zoneinfo/Europe/Berlin";
        if (!File.Exists(file)) Assert.Skip($"{file} is absent");
        var whole = File.ReadAllBytes(file);
        var random = new Random(5);
        for (var length = 0; length < whole.Length; length++) ZoneTransitions.TryRead(whole.AsSpan(0, length), out _);
        for (var round = 0; round < 5000; round++)
        {
            var changed = whole.ToArray();
            for (var n = 0; n < 3; n++) changed[random.Next(round % 2 == 0 ? 160 : changed.Length)] = (byte)random.Next(256);
            if (ZoneTransitions.TryRead(changed, out var zone)) zone!.OffsetAt(random.NextInt64(-3_000_000_000, 9_000_000_000));
        }
    }

    [Fact]
    public void A_time_zone_knows_years_after_its_last_recorded_change()
    {
        if (!CelTimeZone.TryFind("Europe/Berlin", out var berlin)) Assert.Skip("no time zone data on this machine");
        CelTimestamp.Parse("2200-07-01T12:00:00Z", keepOffset: false, out var summer);
        CelTimestamp.Parse("2200-01-01T12:00:00Z", keepOffset: false, out var winter);
        Assert.Equal((14, 13), (summer.Get(CelTimeField.Hours, berlin), winter.Get(CelTimeField.Hours, berlin)));
    }

    [Fact]
    public void Kubernetes_keeps_the_offset_that_a_timestamp_was_written_with_and_the_specification_does_not()
    {
        CelTimestamp.Parse("2024-01-01T00:30:00+01:00", keepOffset: true, out var kept);
        CelTimestamp.Parse("2024-01-01T00:30:00+01:00", keepOffset: false, out var utc);
        Assert.Equal(kept, utc);
        Assert.Equal((0, 23), (kept.Get(CelTimeField.Hours), utc.Get(CelTimeField.Hours)));
        Assert.Equal(("2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00Z"), (kept.ToString(), utc.ToString()));
    }

    [Fact]
    public void Values_in_lists_print_as_literals_in_Kubernetes_and_bare_today()
    {
        CelTimestamp.TryCreate(0, 0, out var epoch);
        var list = FormatValue.Of((FormatValue[])
        [
            FormatValue.Of("a\"\u00ad"), FormatValue.Of(1.5), FormatValue.Of(double.NaN), FormatValue.Of(null), FormatValue.Of("x"u8.ToArray()), FormatValue.Of(epoch),
            FormatValue.Of(new CelDuration(5_000_000_000)), FormatValue.Type("int"),
            FormatValue.Of(((FormatValue, FormatValue)[])[(FormatValue.Of("b"), FormatValue.Of(2UL)), (FormatValue.Of("a"), FormatValue.Of(true)), (FormatValue.Of(3L), FormatValue.Of(-1L))]),
        ]);
        Assert.True(CelFormat.TryFormat<FormatValue>("%s", [list], CelFormatStyle.Kubernetes, out var old, out _));
        Assert.Equal("[\"a\\\"\\u00ad\", 1.500000, \"NaN\", null, b\"x\", timestamp(\"1970-01-01T00:00:00Z\"), duration(\"5s\"), int, {\"a\":true, \"b\":2, 3:-1}]", old);
        Assert.True(CelFormat.TryFormat<FormatValue>("%s", [list], CelFormatStyle.Current, out var bare, out _));
        Assert.Equal("[a\"\u00ad, 1.5, NaN, null, x, 1970-01-01T00:00:00Z, 5s, int, {3: -1, a: true, b: 2}]", bare);
    }
}
