namespace Capstan.Cel.Bench;

/// <summary>From the bytes of a request to what each policy says: what an admission webhook does.</summary>
internal sealed class Verdict(IReadOnlyList<BenchCase> policies)
{
    private readonly CelProgram[] _programs = [.. policies.Select(p => BenchEnvironment.Environment.Compile(p.Expression))];

    private readonly CelDocument _document = new();

    /// <summary>How many policies hold.</summary>
    public int Of(byte[] json)
    {
        _document.Reset(json);
        var value = CelValue.Of(_document);
        var held = 0;
        foreach (var program in _programs)
        {
            held += program.Evaluate([value], BenchEnvironment.Limits).Value is { Kind: CelKind.Bool, Bool: true } ? 1 : 0;
        }

        return held;
    }
}
