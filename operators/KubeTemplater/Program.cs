using System.Runtime.InteropServices;
using Capstan;
using Capstan.Diagnostics;
using KubeTemplater;
using Microsoft.Extensions.Logging;

var command = new CommandLine();
var arguments = command.Root.Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine($"kubetemplater: {arguments.Errors[0].Message} (--help lists the options)");
    return 2;
}

if (arguments.Action is not null)
{
    return await arguments.InvokeAsync();
}

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    using var loggers = ConsoleLog.CreateFactory(LogLevel.Information);
    using var client = new KubeClient(KubeConfig.Load(arguments.GetValue(command.Kubeconfig)), new() { UserAgent = "kubetemplater" });
    await KubeTemplaterOperator.Build(client, command.Read(arguments), loggers).RunAsync(stop.Token);
    return 0;
}
catch (Exception e) when (!stop.IsCancellationRequested)
{
    Console.Error.WriteLine($"kubetemplater: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
