using Capstan;
using Capstan.Diagnostics;
using KubeTemplater;

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

try
{
    var options = command.Read(arguments);
    using var loggers = ConsoleLog.CreateFactory(command.LogLevel(arguments));
    using var client = new KubeClient(KubeConfig.Load(arguments.GetValue(command.Kubeconfig)), new() { UserAgent = "kubetemplater" });
    await KubeTemplaterOperator.Build(client, options, loggers).RunUntilSignalAsync();
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine($"kubetemplater: {e.Message}");
    return 1;
}
