using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Capstan.Cel.Bench;

// --quick [FILTER] [ROUNDS]: all cases in a minute or two.
// --export DIRECTORY: documents and expressions, for the same measurements with another implementation.
// Everything else is BenchmarkDotNet's: --filter '*Compile*'.
switch (args)
{
    case ["--quick", .. var rest]:
        new QuickRun(rest.ElementAtOrDefault(0) ?? "", int.Parse(rest.ElementAtOrDefault(1) ?? "40", System.Globalization.CultureInfo.InvariantCulture)).All();
        break;
    case ["--export", var directory]:
        Export.To(directory);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(EvaluateBenchmarks).Assembly)
            .Run(args, DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)));
        break;
}
