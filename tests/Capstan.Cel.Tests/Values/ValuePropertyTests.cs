using Capstan.Cel.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Cel.Tests.Values;

/// <summary>What holds for any value, over random ones.</summary>
public class ValuePropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    // Letters from every part of Unicode whose order in UTF-16 differs from that by code point.
    private static readonly Gen<string> Texts =
        from points in Gen.ArrayOf(Gen.Elements(0x41, 0x62, 0x20, 0x09, 0xE9, 0xDF, 0x2603, 0xD7FF, 0xE000, 0xFF5E, 0xFFFD, 0x10000, 0x1F451, 0x10FFFF))
        select string.Concat(points.Select(char.ConvertFromUtf32));

    private static readonly Gen<long> Longs = Gen.OneOf(
        Gen.Elements(0L, 1, -1, long.MaxValue, long.MinValue, 1_000_000_000, -999_999_999), ArbMap.Default.GeneratorFor<long>(), Gen.Choose(-100_000, 100_000).Select(n => (long)n));

    private static readonly Gen<CelTimestamp> Timestamps =
        from days in Gen.Choose((int)(CelTimestamp.MinSeconds / 86400), (int)(CelTimestamp.MaxSeconds / 86400))
        from second in Gen.Choose(0, 86399)
        from nanos in Gen.OneOf(Gen.Elements(0, 1, 999_999_999, 500_000_000, 120), Gen.Choose(0, 999_999_999))
        select CelTimestamp.TryCreate((days * 86400L) + second, nanos, out var t) ? t : default;

    [Fact]
    public void A_timestamp_is_read_as_it_was_written() => Prop.ForAll(Timestamps.ToArbitrary(), t =>
        CelTimestamp.Parse(t.ToString(), keepOffset: false, out var read) == CelErrorKind.None && read == t && read.ToString() == t.ToString()).Check(Runs);

    [Fact]
    public void Getters_of_a_timestamp_are_those_of_DateTime() => Prop.ForAll(Timestamps.ToArbitrary(), t =>
    {
        var date = DateTime.UnixEpoch.AddTicks((t.Seconds * TimeSpan.TicksPerSecond) + (t.Nanos / 100));
        return t.Get(CelTimeField.FullYear) == date.Year && t.Get(CelTimeField.Month) == date.Month - 1 && t.Get(CelTimeField.Date) == date.Day
            && t.Get(CelTimeField.DayOfMonth) == date.Day - 1 && t.Get(CelTimeField.DayOfYear) == date.DayOfYear - 1 && t.Get(CelTimeField.DayOfWeek) == (int)date.DayOfWeek
            && t.Get(CelTimeField.Hours) == date.Hour && t.Get(CelTimeField.Minutes) == date.Minute && t.Get(CelTimeField.Seconds) == date.Second
            && t.Get(CelTimeField.Milliseconds) == date.Millisecond;
    }).Check(Runs);

    [Fact]
    public void What_is_added_can_be_taken_away() => Prop.ForAll(Timestamps.ToArbitrary(), Longs.ToArbitrary(), (t, any) =>
    {
        // In the last second of a duration's range cel-go finds differences of timestamps too large, and so do we.
        var n = any / 2;
        return !t.TryAdd(new(n), out var later)
            || (later.TrySubtract(t, out var between) && between.Nanoseconds == n && later.Subtract(new(n), out var back) == CelErrorKind.None && back == t);
    }).Check(Runs);

    [Fact]
    public void A_duration_of_seconds_that_a_double_holds_is_read_as_it_was_written() => Prop.ForAll(Longs.ToArbitrary(), n =>
    {
        // Up to fifteen digits a double holds every decimal; beyond, cel-go prints what is left of it.
        var duration = new CelDuration(n % 1_000_000_000_000_000);
        return CelDuration.TryParse(duration.ToString(), out var read) && read == duration;
    }).Check(Runs);

    [Fact]
    public void A_double_is_read_as_it_was_written() => Prop.ForAll(Longs.ToArbitrary(), bits =>
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        if (!double.IsFinite(value)) return true;
        return CelDoubleReader.TryRead(CelNumberText.General(value), out var read) && BitConverter.DoubleToInt64Bits(read) == bits
            && CelDoubleReader.TryRead(CelNumberText.Plain(value), out var plain) && BitConverter.DoubleToInt64Bits(plain) == bits;
    }).Check(Runs);

    [Fact]
    public void Ints_add_and_multiply_as_numbers_without_end_do() => Prop.ForAll(Longs.ToArbitrary(), Longs.ToArbitrary(), (a, b) =>
        CelNumbers.TryAdd(a, b, out var sum) == Fits((Int128)a + b) && (sum == (Int128)a + b || !Fits((Int128)a + b))
        && CelNumbers.TrySubtract(a, b, out var less) == Fits((Int128)a - b) && (less == (Int128)a - b || !Fits((Int128)a - b))
        && CelNumbers.TryMultiply(a, b, out var product) == Fits((Int128)a * b) && (product == (Int128)a * b || !Fits((Int128)a * b))).Check(Runs);

    [Fact]
    public void The_order_of_strings_is_total_and_that_of_code_points() => Prop.ForAll(Texts.ToArbitrary(), Texts.ToArbitrary(), Texts.ToArbitrary(), (a, b, c) =>
    {
        var points = a.EnumerateRunes().Select(r => r.Value).ToArray().AsSpan().SequenceCompareTo(b.EnumerateRunes().Select(r => r.Value).ToArray());
        return CelText.Compare(a, b) == Math.Sign(points) && CelText.Compare(a, b) == -CelText.Compare(b, a) && CelText.Compare(a, a) == 0
            && (CelText.Compare(a, b) > 0 || CelText.Compare(b, c) > 0 || CelText.Compare(a, c) <= 0)
            && CelText.Compare(a, b) == CelUtf8.Compare(CelUtf8.Bytes(a), CelUtf8.Bytes(b));
    }).Check(Runs);

    [Fact]
    public void Sizes_substrings_and_characters_agree() => Prop.ForAll(Texts.ToArbitrary(), Longs.ToArbitrary(), (text, n) =>
    {
        var runes = text.EnumerateRunes().ToArray();
        var at = runes.Length == 0 ? 0 : (int)(Math.Abs(n % (runes.Length + 1)));
        return CelText.Size(text) == runes.Length && CelUtf8.Size(CelUtf8.Bytes(text)) == runes.Length
            && CelText.TrySubstring(text, at, out var tail) && CelText.Substring(text, 0, at, out var head, out _) == CelErrorKind.None && head + tail == text
            && CelText.Size(head) == at && CelText.TryCharAt(text, at, out var one) && tail.StartsWith(one, StringComparison.Ordinal) && CelText.Size(one) == (at < runes.Length ? 1 : 0)
            && CelText.Reverse(CelText.Reverse(text)) == text && CelText.TryJoin(CelText.Split(text, "", -1), "", out var joined) && joined == text
            && !CelText.TrySubstring(text, runes.Length + 1L, out _) && !CelText.TryCharAt(text, -1, out _);
    }).Check(Runs);

    [Fact]
    public void Long_texts_are_counted_as_their_runes_are()
    {
        var random = new Random(4);
        for (var length = 0; length < 9000; length += 61)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(_ => char.ConvertFromUtf32(new[] { 0x61, 0xE9, 0x2603, 0x1F451 }[random.Next(4)])));
            Assert.Equal(length, CelText.Size(text));
            Assert.Equal(length, CelUtf8.Size(CelUtf8.Bytes(text)));
        }
    }

    [Fact]
    public void Base64_is_read_as_it_was_written() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        CelBase64.TryDecode(CelBase64.Encode(bytes), out var read, out _) && read.AsSpan().SequenceEqual(bytes)
        && CelBase64.TryDecode(CelBase64.Encode(bytes).TrimEnd('='), out read, out _) && read.AsSpan().SequenceEqual(bytes)).Check(Runs);

    [Fact]
    public void Numbers_that_are_equal_have_the_same_hash() => Prop.ForAll(Longs.ToArbitrary(), n =>
        CelNumber.Of(n).GetHashCode() == CelNumber.Of((double)n).GetHashCode() && (n < 0 || CelNumber.Of(n).GetHashCode() == CelNumber.Of((ulong)n).GetHashCode())).Check(Runs);

    private static bool Fits(Int128 value) => value >= long.MinValue && value <= long.MaxValue;
}
