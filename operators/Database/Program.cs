using Capstan.Operators;
using Databases;

var command = new CommandLine();
return await OperatorProgram.RunAsync("database-operator", command.Root, command.Process, args, (arguments, client, loggers) => DatabaseOperator.Build(client, command.Read(arguments), loggers));
