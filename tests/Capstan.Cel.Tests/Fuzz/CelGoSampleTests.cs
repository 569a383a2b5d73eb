using System.Text.Json;
using Capstan.Cel.Tests.Reference;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>
/// A sample of random expressions that Kubernetes' own code was asked for, in its environment of 1.36: whether they compile, the value, and the exact
/// cost. A line of the table has the expression, the variables that it reads (see <see cref="Inputs"/>), and the answer as <see cref="RefText"/>
/// writes values.
/// </summary>
public class CelGoSampleTests(ITestOutputHelper output)
{
    [Fact]
    public void Random_expressions_have_the_value_and_the_cost_that_they_have_in_Kubernetes()
    {
        var wrong = new List<string>();
        var (count, refused) = (0, 0);
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fuzz", "cel-go-sample.jsonl")))
        {
            using var parsed = JsonDocument.Parse(line);
            count++;
            refused += parsed.RootElement.TryGetProperty("refused", out _) ? 1 : 0;
            if (Problem(parsed.RootElement) is { } problem)
            {
                wrong.Add($"{line}\n  {problem}");
            }
        }

        output.WriteLine($"{count} expressions, {refused} of them refused");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} differ:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(count == 1000 && refused is > 50 and < 500);
    }

    private static string? Problem(JsonElement line)
    {
        var compiles = Inputs.Kubernetes.TryCompile(line.GetProperty("expr").GetString()!, out var program, out var diagnostics);
        if (line.TryGetProperty("refused", out _) == compiles)
        {
            return compiles ? "compiles here" : diagnostics.ToString();
        }

        if (!compiles)
        {
            return null;
        }

        using var inputs = new Inputs(line.TryGetProperty("given", out var given) ? given.Deserialize<Dictionary<string, string>>()! : []);
        return Different(program!, inputs.Values, line) ?? Different(program!, inputs.Tape, line) ?? Different(program!, inputs.Tree, line);
    }

    private static string? Different(CelProgram program, CelValue[] values, JsonElement line)
    {
        var evaluation = program.Evaluate(values, new CelLimits { Cost = 1_000_000 });
        var value = RefText.Show(RefBridge.Of(evaluation.Value));
        return value != line.GetProperty("value").GetString() || evaluation.Cost != line.GetProperty("cost").GetUInt64()
            ? $"here: {value}, cost {evaluation.Cost}"
            : null;
    }
}
