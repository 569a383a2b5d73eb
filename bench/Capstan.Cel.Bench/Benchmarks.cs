using BenchmarkDotNet.Attributes;

namespace Capstan.Cel.Bench;

/// <summary>A compiled expression over values that are there.</summary>
[MemoryDiagnoser]
public class EvaluateBenchmarks
{
    private CelProgram _program = null!;
    private CelValue[] _values = null!;

    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    [Params("1 KB", "4 KB", "200 KB")]
    public string Document { get; set; } = "";

    public static IEnumerable<string> Cases => BenchCases.Evaluated.Select(c => c.Name);

    [GlobalSetup]
    public void Compile()
    {
        _program = BenchEnvironment.Environment.Compile(BenchCases.Evaluated.First(c => c.Name == Case).Expression);
        _values = BenchEnvironment.Values(BenchDocuments.All.First(d => d.Name == Document).Json);
    }

    [Benchmark]
    public CelEvaluation Evaluate() => _program.Evaluate(_values, BenchEnvironment.Limits);
}

/// <summary>From the text to a program: parsed, checked, prepared.</summary>
[MemoryDiagnoser]
public class CompileBenchmarks
{
    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    private string _text = "";

    public static IEnumerable<string> Cases => BenchCases.Evaluated.Select(c => c.Name);

    [GlobalSetup]
    public void Find() => _text = BenchCases.Evaluated.First(c => c.Name == Case).Expression;

    [Benchmark]
    public CelProgram Compile() => BenchEnvironment.Environment.Compile(_text);
}

/// <summary>From bytes to what policies say; the parsing is counted.</summary>
[MemoryDiagnoser]
public class VerdictBenchmarks
{
    private Verdict _verdict = null!;
    private byte[] _json = null!;

    [Params(1, 16)]
    public int Policies { get; set; }

    [Params("1 KB", "4 KB", "200 KB")]
    public string Document { get; set; } = "";

    [GlobalSetup]
    public void Compile()
    {
        _verdict = new([.. BenchCases.Policies.Take(Policies)]);
        _json = BenchDocuments.All.First(d => d.Name == Document).Json;
    }

    [Benchmark]
    public int Verdict() => _verdict.Of(_json);
}
