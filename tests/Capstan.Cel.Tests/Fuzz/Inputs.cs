using System.Text.Json;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Tests.Reference;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>The variables of the generated expressions, with values for both evaluators.</summary>
internal sealed class Inputs : IDisposable
{
    private readonly JsonDocument _document;

    private Inputs(string text, JsonDocument document, IEnumerable<(string Name, RefValue Reference, CelValue Value)> variables)
    {
        Text = text;
        _document = document;
        var all = variables.ToList();
        Reference = all.ToDictionary(v => v.Name, v => v.Reference, StringComparer.Ordinal);
        Values = [.. all.Select(v => v.Value)];
    }

    /// <summary>Kubernetes 1.36 and the variables.</summary>
    public static CelEnvironment Kubernetes { get; } = Declare(KubernetesEnvironment.Default);

    /// <summary>Every general library and the variables.</summary>
    public static CelEnvironment Specification { get; } = Declare(CelEnvironment.Specification);

    /// <summary>The document and the variables, to be shown.</summary>
    public string Text { get; }

    public IReadOnlyDictionary<string, RefValue> Reference { get; }

    /// <summary>In the order of the environments' variables.</summary>
    public CelValue[] Values { get; }

    /// <summary>Values for all variables; the seed makes the document and chooses the others.</summary>
    public static Inputs Of(int seed)
    {
        var random = new Random(seed);
        return Of(RandomDocuments.Next(random), random);
    }

    public void Dispose() => _document.Dispose();

    private static Inputs Of(string text, Random random)
    {
        var document = JsonDocument.Parse(text);
        long i = Pick<long>(random, 0, 1, -1, 3, 42, long.MaxValue, long.MinValue);
        var u = Pick<ulong>(random, 0, 1, 3, ulong.MaxValue, 1UL << 63);
        var d = Pick(random, 0.0, -0.0, 1, 0.5, -3.75, double.NaN, double.PositiveInfinity, 9007199254740992, 1e-310);
        var s = Pick(random, "", "a", "abcabc", "é👑é", "ｚ👑", " x\u00a0", "2020-01-01T00:00:00Z", "3.5", new string('a', 60));
        var b = random.Next(2) == 0;
        var y = Pick<byte[]>(random, [], [0], [0xff, 0xfe], "a👑"u8.ToArray());
        var seconds = Pick<long>(random, 0L, 1_600_000_000, -1, CelTimestamp.MinSeconds, CelTimestamp.MaxSeconds, 951_782_400);
        var nanoseconds = Pick(random, 0, 1, 999_999_999, 500_000_000);
        var r = Pick<long>(random, 0L, 1, -1, 3_600_000_000_000, -1_500_000_001, long.MaxValue, long.MinValue);
        long[] li = Pick<long[]>(random, [], [1], [1, 2, 3], [5, -5, 0, 5], [long.MaxValue, 1], [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        string[] ls = Pick<string[]>(random, [], ["a"], ["b", "a", ""], ["👑", "ｚ"], ["1", "-2", "x"]);
        (string Key, long Value)[] m = Pick<(string, long)[]>(random, [], [("a", 1)], [("a", 0), ("b", -1), ("👑", 7)], [("b", 2), ("B", 3)]);
        _ = CelTimestamp.TryCreate(seconds, nanoseconds, out var t);
        return new(
            $"object = {text}\ni = {i}; u = {u}u; d = {d:R}; s = {JsonSerializer.Serialize(s)}; b = {b}; y = {Convert.ToHexString(y)}; t = {t}; r = {r} ns; "
                + $"li = [{string.Join(", ", li)}]; ls = {JsonSerializer.Serialize(ls)}; m = {{{string.Join(", ", m)}}}",
            document,
            [
                ("object", RefBridge.Of(document.RootElement), CelValue.Of(document.RootElement)),
                ("i", new RefInt(i), CelValue.Of(i)),
                ("u", new RefUint(u), CelValue.Of(u)),
                ("d", new RefDouble(d), CelValue.Of(d)),
                ("s", new RefString(s), CelValue.Of(s)),
                ("b", RefValue.Of(b), CelValue.Of(b)),
                ("y", new RefBytes(y), CelValue.Of(y)),
                ("t", RefBridge.Of(CelValue.Of(t)), CelValue.Of(t)),
                ("r", new RefDuration(r), CelValue.Of(new CelDuration(r))),
                ("li", new RefList([.. li.Select(x => new RefInt(x))]), CelValue.Of(CelList.Of([.. li.Select(CelValue.Of)]))),
                ("ls", new RefList([.. ls.Select(x => new RefString(x))]), CelValue.Of(CelList.Of([.. ls.Select(CelValue.Of)]))),
                ("m", new RefMap([.. m.Select(e => ((RefValue)new RefString(e.Key), (RefValue)new RefInt(e.Value)))]),
                    CelValue.Of(CelMap.Of([.. m.Select(e => (CelValue.Of(e.Key), CelValue.Of(e.Value)))]))),
            ]);
    }

    private static CelEnvironment Declare(CelEnvironment environment) => environment
        .WithVariable("object", CelType.Dyn)
        .WithVariable("i", CelType.Int)
        .WithVariable("u", CelType.Uint)
        .WithVariable("d", CelType.Double)
        .WithVariable("s", CelType.String)
        .WithVariable("b", CelType.Bool)
        .WithVariable("y", CelType.Bytes)
        .WithVariable("t", CelType.Timestamp)
        .WithVariable("r", CelType.Duration)
        .WithVariable("li", CelType.List(CelType.Int))
        .WithVariable("ls", CelType.List(CelType.String))
        .WithVariable("m", CelType.Map(CelType.String, CelType.Int));

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}
