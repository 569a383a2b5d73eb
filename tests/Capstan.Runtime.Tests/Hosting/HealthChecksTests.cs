using Capstan.Hosting;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

public sealed class HealthChecksTests
{
    private readonly HealthChecks checks = new("readyz");

    [Fact]
    public async Task All_well_is_one_word_or_a_line_each()
    {
        checks.Add("b", _ => ValueTask.FromResult<string?>(null));
        checks.Add("a", _ => ValueTask.FromResult<string?>(null));
        Assert.Equal((200, "ok"), await RunAsync());
        Assert.Equal((200, "[+]a ok\n[+]b ok\nreadyz check passed\n"), await RunAsync(verbose: true));
    }

    [Fact]
    public async Task A_fault_and_an_exception_are_told_with_their_reason()
    {
        checks.Add("a", _ => ValueTask.FromResult<string?>("configmaps: forbidden"));
        checks.Add("b", _ => throw new InvalidOperationException("broken"));
        checks.Add("c", _ => ValueTask.FromResult<string?>(null));
        Assert.Equal((500, "[-]a failed: configmaps: forbidden\n[-]b failed: broken\n[+]c ok\nreadyz check failed\n"), await RunAsync());
    }

    [Fact]
    public async Task One_check_alone()
    {
        checks.Add("a", _ => ValueTask.FromResult<string?>("no"));
        checks.Add("b", _ => ValueTask.FromResult<string?>(null));
        Assert.Equal((200, "ok"), await RunAsync("b"));
        Assert.Equal(404, (await RunAsync("c")).Code);
        Assert.Throws<ArgumentException>(() => checks.Add("a", _ => ValueTask.FromResult<string?>(null)));
    }

    private ValueTask<(int Code, string Text)> RunAsync(string? only = null, bool verbose = false) => checks.RunAsync(only, verbose, TestContext.Current.CancellationToken);
}
