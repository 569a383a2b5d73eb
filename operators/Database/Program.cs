using Capstan;
using Capstan.Diagnostics;
using Databases;

var command = new CommandLine();
var arguments = command.Root.Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine($"database-operator: {arguments.Errors[0].Message} (--help lists the options)");
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
    using var client = new KubeClient(KubeConfig.Load(arguments.GetValue(command.Kubeconfig)), new() { UserAgent = "database-operator" });
    await DatabaseOperator.Build(client, options, loggers).RunUntilSignalAsync();
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine($"database-operator: {e.Message}");
    return 1;
}
