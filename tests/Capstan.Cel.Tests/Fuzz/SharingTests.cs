using Capstan.Cel.Tests.Reference;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>Programs, values and documents are used by several threads, and evaluations are given up in the middle.</summary>
public class SharingTests
{
    [Fact]
    public void Threads_that_share_programs_and_documents_get_the_answers_that_one_alone_gets()
    {
        using var inputs = Inputs.Of(3);
        CelProgram[] programs =
        [
            .. Enumerable.Range(1, 400)
                .Select(seed => new RandomExpressions(new Random(seed), 0.0, false).Next(4).ToString())
                .Select(text => Inputs.Kubernetes.TryCompile(text, out var program, out _) ? program : null)
                .OfType<CelProgram>(),
        ];
        string[] alone = [.. programs.Select(p => Answer(p, inputs.Tape))];
        var wrong = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            // Each in another order, so that different programs and the same ones meet.
            for (var i = 0; i < programs.Length * 3; i++)
            {
                var at = ((i * ((worker * 2) + 1)) + worker) % programs.Length;
                if (Answer(programs[at], inputs.Tape) is var answer && answer != alone[at])
                {
                    wrong.Add($"{programs[at]}: {answer}, alone {alone[at]}");
                }
            }
        });
        Assert.True(programs.Length > 300 && wrong.IsEmpty, string.Join('\n', wrong.Take(5)));
    }

    [Fact]
    public void An_evaluation_that_is_cancelled_in_the_middle_ends_and_leaves_nothing_behind()
    {
        using var cancellation = new CancellationTokenSource();
        var calls = 0;
        var environment = Inputs.Kubernetes.WithFunction("tick", "(int) -> int", a =>
        {
            if (++calls == 1_000)
            {
                cancellation.Cancel();
            }

            return a[0];
        });
        using var inputs = Inputs.Of(3);
        var program = environment.Compile("lists.range(1000).exists(x, lists.range(1000).exists(y, tick(x + y) < 0)) || true");

        var cancelled = program.Evaluate(inputs.Tape, new CelLimits { Cancellation = cancellation.Token });
        Assert.True(cancelled.IsError);
        Assert.InRange(calls, 1_000, 1_100);

        // The frame of the evaluation that was given up serves the next one.
        var next = program.Evaluate(inputs.Tape, new CelLimits { Cost = 100_000_000 });
        Assert.Equal("true", RefText.Show(RefBridge.Of(next.Value)));
        Assert.True(calls > 1_000_000, $"{calls} calls");
    }

    private static string Answer(CelProgram program, CelValue[] values)
    {
        var evaluation = program.Evaluate(values);
        return $"{RefText.Show(RefBridge.Of(evaluation.Value))} for {evaluation.Cost}";
    }
}
