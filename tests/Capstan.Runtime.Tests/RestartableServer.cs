using System.Diagnostics;
using Xunit;

namespace Capstan.Runtime.Tests;

/// <summary>The real server of <c>CAPSTAN_TEST_KUBECONFIG</c> that the tests may kill and start: by the shell commands in <c>CAPSTAN_TEST_KILL</c> and <c>CAPSTAN_TEST_RESTART</c>.</summary>
internal static class RestartableServer
{
    /// <summary>Skips the test, with the reason, where there is none.</summary>
    public static void Require()
    {
        foreach (var variable in (string[])["CAPSTAN_TEST_KUBECONFIG", "CAPSTAN_TEST_KILL", "CAPSTAN_TEST_RESTART"])
        {
            Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)), $"{variable} is not set: there is no server to kill and start");
        }
    }

    public static Task StopAsync() => RunAsync("CAPSTAN_TEST_KILL");

    /// <summary>Returns when the command has ended: when the server is ready, if the command is good.</summary>
    public static Task StartAsync() => RunAsync("CAPSTAN_TEST_RESTART");

    private static async Task RunAsync(string variable)
    {
        // Its output goes nowhere: a server that it leaves behind would hold a pipe open.
        var start = new ProcessStartInfo("sh") { ArgumentList = { "-c", $"({Environment.GetEnvironmentVariable(variable)}) > /dev/null 2>&1 < /dev/null" } };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{variable} ended with {process.ExitCode}");
    }
}
