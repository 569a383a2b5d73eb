using Capstan.Webhooks;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

public sealed class WebhookTimeoutTests
{
    [Theory]
    [InlineData(null, 10)]
    [InlineData("", 10)]
    [InlineData("5s", 5)]
    [InlineData("1.5s", 1.5)]
    [InlineData("250ms", 0.25)]
    [InlineData("30s", 30)]
    [InlineData("31s", 30)]
    [InlineData("1m30s", 30)]
    [InlineData("99999999h", 30)]
    [InlineData("0s", 10)]
    [InlineData("-5s", 10)]
    [InlineData("5", 10)]
    [InlineData("s", 10)]
    [InlineData("5x", 10)]
    [InlineData("NaNs", 10)]
    public void Trap33_a_deadline_is_ten_seconds_by_default_and_thirty_at_most(string? text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), WebhookTimeout.Read(text));
}
