using Capstan.Operators;
using KubeTemplater;

var command = new CommandLine();
return await OperatorProgram.RunAsync("kubetemplater", command.Root, command.Process, args, (arguments, client, loggers) => KubeTemplaterOperator.Build(client, command.Read(arguments), loggers));
