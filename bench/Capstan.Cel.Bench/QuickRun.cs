using System.Diagnostics;
using System.Globalization;

namespace Capstan.Cel.Bench;

/// <summary>Measures in seconds what BenchmarkDotNet measures in an hour: the least of several runs, and the exact bytes.</summary>
internal sealed class QuickRun(string filter, int rounds)
{
    // Short, so that some of them are not interrupted on a machine that does other things too.
    private const int MillisecondsPerRound = 2;
    private const int WarmUpMilliseconds = 300;

    public void All()
    {
        Console.WriteLine($"{"case",-34} {"ns/op",12} {"B/op",10}");
        foreach (var (size, json) in BenchDocuments.All)
        {
            var values = BenchEnvironment.Values(json);
            foreach (var one in BenchCases.Evaluated.Where(c => c.UsesObject || size == "1 KB"))
            {
                Measure(one.UsesObject ? $"evaluate/{one.Name}/{size}" : $"evaluate/{one.Name}", () =>
                {
                    var program = BenchEnvironment.Environment.Compile(one.Expression);
                    var limits = BenchEnvironment.Limits;
                    return () => program.Evaluate(values, limits).IsError ? 0 : 1;
                });
            }
        }

        foreach (var one in BenchCases.Evaluated)
        {
            Measure($"compile/{one.Name}", () => () => BenchEnvironment.Environment.TryCompile(one.Expression, out _, out _) ? 1 : 0);
        }

        foreach (var (size, json) in BenchDocuments.All)
        {
            var document = new CelDocument();
            Measure($"parse/{size}", () => () =>
            {
                document.Reset(json);
                return 1;
            });
            foreach (var count in new[] { 1, 16 })
            {
                Measure($"verdict/{count}/{size}", () =>
                {
                    var verdict = new Verdict([.. BenchCases.Policies.Take(count)]);
                    return () => verdict.Of(json) == count ? 1 : 0;
                });
            }
        }
    }

    private void Measure(string name, Func<Func<int>> prepare)
    {
        if (!name.Contains(filter, StringComparison.Ordinal))
        {
            return;
        }

        var operation = prepare();
        if (operation() == 0)
        {
            Console.WriteLine($"{name,-34} does not hold");
            return;
        }

        // Compiled code is replaced by better code after it ran for a while: let that happen first.
        var batch = 1;
        for (var warm = Stopwatch.StartNew(); warm.ElapsedMilliseconds < WarmUpMilliseconds;)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < batch; i++)
            {
                operation();
            }

            batch = Math.Clamp((int)(batch * MillisecondsPerRound / Stopwatch.GetElapsedTime(start).TotalMilliseconds), batch, (batch * 2) + 1);
        }

        var best = double.MaxValue;
        var bytes = long.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < batch; i++)
            {
                operation();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / batch);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - allocated) / batch);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34} {best,12:N1} {bytes,10:N0}"));
    }
}
