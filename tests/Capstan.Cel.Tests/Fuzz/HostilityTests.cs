using System.Text;
using System.Text.Json;
using Capstan.Cel.Tests.Reference;
using Capstan.Cel.Tests.Syntax;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>Whatever the text, whatever the document: parse, print, check, estimate and evaluate come to an end, and throw nothing.</summary>
public class HostilityTests(ITestOutputHelper output)
{
    private static readonly CelLimits _limits = new() { Cost = 20_000 };

    [Fact]
    public void Damaged_expressions_are_refused_or_evaluated()
    {
        var (compiled, values) = (0, 0);
        for (var seed = 1; seed <= 6_000; seed++)
        {
            var random = new Random(seed);
            var text = Damage(random, new RandomExpressions(random, 0.05, seed % 2 == 0).Next(random.Next(1, 5)).ToString());
            var environment = seed % 2 == 0 ? Inputs.Specification : Inputs.Kubernetes;
            Assert.Null(RoundTrip.Failure(text, environment.Syntax));
            if (!environment.TryCompile(text, out var program, out var diagnostics))
            {
                Assert.NotEmpty(diagnostics.ToString());
                continue;
            }

            compiled++;
            using var inputs = Inputs.Of(seed / 4);
            var result = program.Evaluate(inputs.Tape, _limits);
            values += result.IsError ? 0 : 1;
            var estimate = program.EstimateCost();
            Assert.True(estimate.Min <= estimate.Max, text);
            Assert.True(result.Cost <= _limits.Cost || result.IsError, text);
            Assert.NotNull(result.IsError ? program.Explain(result.Value).ToString() : RefText.Show(RefBridge.Of(result.Value)));
        }

        output.WriteLine($"{compiled} compiled, {values} had a value");
        Assert.True(compiled > 250 && values > 150, "the damage is too great to show anything");
    }

    [Fact]
    public void Generated_expressions_print_as_what_they_are()
    {
        for (var seed = 1; seed <= 3_000; seed++)
        {
            var random = new Random(seed);
            var text = new RandomExpressions(random, 0.1, seed % 2 == 0).Next(random.Next(1, 6)).ToString();
            Assert.Null(RoundTrip.Failure(text, (seed % 2 == 0 ? Inputs.Specification : Inputs.Kubernetes).Syntax));
        }
    }

    [Fact]
    public void Any_bytes_are_refused_or_evaluated()
    {
        var random = new Random(11);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            var text = i % 2 == 0 ? Encoding.UTF8.GetString(bytes) : Encoding.Unicode.GetString(bytes);
            if (Inputs.Kubernetes.TryCompile(text, out var program, out var diagnostics))
            {
                program.Evaluate([], _limits);
                program.EstimateCost();
            }
            else
            {
                Assert.NotEmpty(diagnostics.ToString());
            }
        }
    }

    [Fact]
    public void Damaged_documents_are_refused_or_read_the_same_in_each_form()
    {
        CelProgram[] programs =
        [
            .. new[]
            {
                "object", "object.map(k, [k, object[k]])", "object.a == object.b || has(object.spec.name)", "object.items.map(x, x + x)", "object == object",
                "object.name.matches('a') && object.name.size() > 1", "object.transformMap(k, v, type(v))", "object[?'a'].orValue('') + 'x'",
            }.Select(Inputs.Kubernetes.Compile),
        ];
        var read = 0;
        for (var seed = 1; seed <= 4_000; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(RandomDocuments.Next(random));
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"\"\\{}[]:,0-e.u\0"[random.Next(14)];
            }

            CelValue tape;
            try
            {
                tape = CelValue.Of(CelDocument.Parse(bytes));
            }
            catch (CelDocumentException e)
            {
                Assert.NotEmpty(e.Message);
                continue;
            }

            read++;
            using var element = JsonDocument.Parse(bytes);
            foreach (var program in programs)
            {
                var (one, other) = (program.Evaluate([tape], _limits), program.Evaluate([CelValue.Of(element.RootElement)], _limits));
                Assert.True(
                    RefBridge.Same(RefBridge.Of(one.Value), RefBridge.Of(other.Value)) && one.Cost == other.Cost,
                    $"{program}: {RefText.Show(RefBridge.Of(one.Value))} and {RefText.Show(RefBridge.Of(other.Value))} of {Encoding.UTF8.GetString(bytes)}");
            }
        }

        output.WriteLine($"{read} could be read");
        Assert.InRange(read, 200, 3_800);
    }

    public static TheoryData<string, string> Great => new()
    {
        { "parentheses", Repeat("(", 249) + "1" + Repeat(")", 249) },
        { "lists in lists", Repeat("[", 240) + Repeat("]", 240) },
        { "maps in maps", Repeat("{1: ", 200) + "1" + Repeat("}", 200) },
        { "conditions", Repeat("b ? 1 : ", 240) + "0" },
        { "fields", "object" + Repeat(".a", 240) },
        { "optional fields", "object" + Repeat(".?a", 240) },
        { "sums", "i" + Repeat(" + i", 240) },
        { "texts", "s" + Repeat(" + s", 240) },
        { "terms", "b" + Repeat(" && b", 15_000) },
        { "signs", Repeat("!", 90_000) + "b" },
        { "a text", "'" + Repeat("a", 99_000) + "' == s" },
        { "a long list", "[" + Repeat("1, ", 30_000) + "] == li" },
        { "a long map", "{" + string.Concat(Enumerable.Range(0, 9_000).Select(i => $"{i}: 1, ")) + "}.size()" },
        { "chains", "li" + Repeat(".map(x, x)", 200) },
        { "doubled lists", "[[1, 2, 3]]" + Repeat(".map(x, x + x)", 100) },
        { "doubled texts", "['abc']" + Repeat(".map(x, x + x)", 100) },
        { "replaced texts", "[s + 'a'].map(x, x.replace('', x))" + Repeat(".map(x, x.replace('a', x))", 40) },
        { "types of types", "[1]" + Repeat(".map(x, {'a': [x], 'b': [x]})", 80) + " == []" },
        { "optional copies", "m[?'a']" + Repeat(".optMap(x, x + 1)", 12) },
        { "loops in loops", Repeat("[1, 2, 3, 4].map(x, ", 32) + "x" + Repeat(")", 32) },
        { "absorbed loops", Repeat("[1, 2, 3, 4].exists(x, ", 32) + "1 / 0 > x" + Repeat(")", 32) + " || true" },
        { "ranges", "lists.range(1000000).map(x, lists.range(1000000))" },
        { "a pattern", "'" + Repeat("a", 5_000) + "b'.matches('(a+)+$') || '" + Repeat("a", 5_000) + "'.matches('(a|aa)*c|(a*)*d')" },
        { "repeated patterns", "s.matches('((a{30}){30}){30}')" },
        { "formats", "'" + Repeat("%.999f", 5_000) + "'.format([" + Repeat("1.0, ", 5_000) + "])" },
        { "compared lists", "[[1]]" + Repeat(".map(x, [x, x])", 60) + " == [[1]]" + Repeat(".map(x, [x, x])", 60) },
    };

    [Theory]
    [MemberData(nameof(Great))]
    public void Great_expressions_end_within_their_budget_of_cost_stack_and_memory(string what, string text)
    {
        string? outcome = null;
        var allocated = 0L;
        var thread = new Thread(
            () =>
            {
                using var inputs = Inputs.Of(1);
                if (!Inputs.Kubernetes.TryCompile(text, out var program, out var diagnostics))
                {
                    outcome = "refused: " + diagnostics.Issues[0].Message;
                    return;
                }

                var estimate = program.EstimateCost();
                var before = GC.GetAllocatedBytesForCurrentThread();
                var result = program.Evaluate(inputs.Tape, new CelLimits { Cost = 1_000_000 });
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                outcome = $"{(result.IsError ? result.Value.ErrorMessage : result.Value.TypeName)}, cost {result.Cost} of {estimate.Min} to {estimate.Max}, {allocated:N0} bytes";
            },
            1536 * 1024);
        thread.Start();
        thread.Join();
        output.WriteLine($"{what}: {outcome}");
        Assert.NotNull(outcome);
        Assert.True(allocated < 1_000_000_000, outcome);
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static string Damage(Random random, string text)
    {
        var damaged = new StringBuilder(text);
        for (var times = random.Next(1, 3); times > 0 && damaged.Length > 1; times--)
        {
            var at = random.Next(damaged.Length);
            var length = Math.Min(random.Next(1, 5), damaged.Length - at);
            switch (random.Next(4))
            {
                case 0:
                    damaged.Remove(at, length);
                    break;
                case 1:
                    damaged.Insert(at, "ab0.()[]{}?:,+-*!=<>&|'\"\\ux👑é "[random.Next(30)]);
                    break;
                case 2:
                    damaged.Insert(random.Next(damaged.Length), text.AsSpan(random.Next(text.Length)));
                    break;
                default:
                    damaged[at] = damaged[random.Next(damaged.Length)];
                    break;
            }
        }

        return damaged.ToString();
    }
}
