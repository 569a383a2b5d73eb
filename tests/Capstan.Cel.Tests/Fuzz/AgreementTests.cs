using System.Globalization;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>
/// Random expressions have the value that the reference evaluator gives them. The seeds are fixed; <c>CAPSTAN_CEL_FUZZ</c> is how many cases each
/// test tries instead, <c>CAPSTAN_CEL_SEED</c> the first of them.
/// </summary>
public class AgreementTests(ITestOutputHelper output)
{
    private static readonly int _count = Setting("CAPSTAN_CEL_FUZZ", 5_000);
    private static readonly int _first = Setting("CAPSTAN_CEL_SEED", 1);

    [Fact]
    public void Expressions_that_compile_mean_the_same_in_Kubernetes_dialect() => Compare(Inputs.Kubernetes, 0.0);

    [Fact]
    public void Expressions_of_any_kind_mean_the_same_in_Kubernetes_dialect() => Compare(Inputs.Kubernetes, 0.15);

    [Fact]
    public void Expressions_that_compile_mean_the_same_in_the_specifications_dialect() => Compare(Inputs.Specification, 0.0);

    [Fact]
    public void Expressions_of_any_kind_mean_the_same_in_the_specifications_dialect() => Compare(Inputs.Specification, 0.15);

    private void Compare(CelEnvironment environment, double wildness)
    {
        var agreement = new Agreement(environment);
        for (var seed = _first; seed < _first + _count; seed++)
        {
            var random = new Random(seed);
            var piece = new RandomExpressions(random, wildness, environment.Dialect == CelDialect.Specification).Next(random.Next(1, 5));
            using var inputs = Inputs.Of(seed / 4);
            if (agreement.Difference(piece.ToString(), inputs) is not null)
            {
                var least = Piece.Shrink(piece, p => agreement.Difference(p.ToString(), inputs) is not null).ToString();
                Assert.Fail($"seed {seed}: {least}\n{agreement.Difference(least, inputs)}\n{inputs}");
            }
        }

        output.WriteLine($"{agreement.All} expressions, {agreement.Compiled} compiled, {agreement.Values} had a value");

        // Otherwise the generator makes too much that is refused or fails to show anything.
        Assert.True(agreement.Values * 3 > agreement.All, $"{agreement.Values} values");
        Assert.True(agreement.Compiled * (wildness == 0 ? 1.5 : 8) > agreement.All, $"{agreement.Compiled} compiled");
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : usual;
}
