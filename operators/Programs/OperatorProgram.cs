using System.CommandLine;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Operators;

/// <summary>An operator as a program: its command line is read, it runs until a signal, and what keeps it from running is one line.</summary>
internal static class OperatorProgram
{
    /// <summary>Runs to the end.</summary>
    /// <param name="name">Of the program; it begins each line of errors, and the API server knows the client by it.</param>
    /// <param name="root">The command line, <paramref name="process"/> among its options.</param>
    /// <param name="process">The flags that every operator has.</param>
    /// <param name="args">What was typed.</param>
    /// <param name="build">Makes the operator.</param>
    /// <returns>0 after a signal, or help; 1: it cannot run; 2: wrong usage.</returns>
    public static async Task<int> RunAsync(string name, RootCommand root, ProcessFlags process, string[] args, Func<ParseResult, KubeClient, ILoggerFactory, Operator> build)
    {
        var arguments = root.Parse(args);
        if (arguments.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{name}: {arguments.Errors[0].Message} (--help lists the options)");
            return 2;
        }

        if (arguments.Action is not null)
        {
            return await arguments.InvokeAsync();
        }

        try
        {
            using var loggers = ConsoleLog.CreateFactory(process.LogLevel(arguments));
            using var client = new KubeClient(KubeConfig.Load(arguments.GetValue(process.Kubeconfig)), new() { UserAgent = name });
            await build(arguments, client, loggers).RunUntilSignalAsync();
            return 0;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"{name}: {e.Message}");
            return 1;
        }
    }
}
