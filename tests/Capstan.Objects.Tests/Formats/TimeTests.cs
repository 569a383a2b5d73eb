using System.Text;
using System.Text.Json;
using Xunit;

namespace Capstan.Objects.Tests.Formats;

/// <summary>Trap 37: Kubernetes writes times in two formats and reads many.</summary>
public sealed class TimeTests
{
    private static readonly DateTimeOffset Moment = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(6_789_012);

    [Fact]
    public void Trap37_Time_is_written_in_whole_seconds_and_MicroTime_with_exactly_six_digits()
    {
        var json = DynamicObject.From(new FormatsSample { Time = Moment, MicroTime = Moment.AddTicks(-6_789_012) }).ToJson();
        Assert.Equal(("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"), ((string?)json["time"], (string?)json["microTime"]));
        Assert.Equal("2026-01-02T03:04:05.678901Z", KubeTime.FormatMicro(Moment));
        Assert.Equal("2026-01-02T03:04:05.678901Z", KubeTime.FormatMicro(Moment.ToOffset(TimeSpan.FromHours(5))));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 0)]
    [InlineData("2026-01-02T03:04:05.6Z", 6_000_000)]
    [InlineData("2026-01-02T03:04:05.67Z", 6_700_000)]
    [InlineData("2026-01-02T03:04:05.678901Z", 6_789_010)]
    [InlineData("2026-01-02T03:04:05.6789012Z", 6_789_012)]
    [InlineData("2026-01-02T03:04:05.678901234Z", 6_789_012)]
    [InlineData("2026-01-02T03:04:05.678901299999999999Z", 6_789_012)]
    [InlineData("2026-01-02T03:04:05+00:00", 0)]
    [InlineData("2026-01-02T03:04:05.678901234+00:00", 6_789_012)]
    [InlineData("2026-01-02T05:34:05+02:30", 0)]
    [InlineData("2026-01-01T22:04:05.5-05:00", 5_000_000)]
    [InlineData("2026-01-02t03:04:05z", 0)]
    public void Trap37_any_number_of_digits_and_any_offset_are_read(string text, int ticks)
    {
        Assert.True(KubeTime.TryParse(text, out var read), text);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(ticks), read);
        Assert.Equal(TimeSpan.Zero, read.Offset);
        Assert.Equal(read, Read($$"""{"time":"{{text}}"}""").Time);
        Assert.Equal(read, Read($$"""{"microTime":"{{text}}"}""").MicroTime);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-01-02")]
    [InlineData("2026-01-02 03:04:05Z")]
    [InlineData("2026-01-02T03:04:05")]
    [InlineData("2026-01-02T03:04Z")]
    [InlineData("2026-13-02T03:04:05Z")]
    [InlineData("2026-02-30T03:04:05Z")]
    [InlineData("2026-01-02T25:04:05Z")]
    [InlineData("2026-01-02T03:04:05.Z")]
    [InlineData("2026-01-02T03:04:05Z and more")]
    [InlineData("2026-01-02T03:04:05 GMT")]
    public void Trap37_what_is_no_time_is_refused(string text)
    {
        Assert.False(KubeTime.TryParse(text, out _), text);
        Assert.Throws<JsonException>(() => Read($$"""{"time":"{{text}}"}"""));
    }

    [Fact]
    public void Trap37_what_is_truncated_equals_what_comes_back()
    {
        var written = KubeTime.Truncate(Moment);
        var back = Read(Encoding.UTF8.GetString(DynamicObject.From(new FormatsSample { Time = written }).Json.Span)).Time;
        Assert.Equal(written, back);
        Assert.NotEqual(Moment, back);
    }

    private static FormatsSample Read(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json)).To<FormatsSample>();
}
