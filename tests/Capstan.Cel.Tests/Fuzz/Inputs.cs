using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Tests.Reference;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>The variables of the generated expressions, with values for both evaluators.</summary>
internal sealed class Inputs : IDisposable
{
    private readonly JsonDocument _document;

    /// <param name="texts">
    /// A text for each variable: <c>object</c> JSON, <c>i u r</c> numbers (of nanoseconds), <c>d</c> its bits in hexadecimal digits, <c>y</c> octets
    /// so, <c>t</c> RFC 3339, <c>li ls</c> arrays and <c>m</c> an object of JSON. What is not there is empty.
    /// </param>
    public Inputs(IReadOnlyDictionary<string, string> texts)
    {
        Texts = texts;
        _document = JsonDocument.Parse(Text("object", "{}"));
        var others = Others();
        Reference = others.Append(("object", CelValue.Of(_document.RootElement), RefBridge.Of(_document.RootElement)))
            .ToDictionary(v => v.Item1, v => v.Item3, StringComparer.Ordinal);
        CelValue[] rest = [.. others.Select(v => v.Value)];
        Values = [CelValue.Of(_document.RootElement), .. rest];
        Tape = [CelValue.Of(CelDocument.Parse(Encoding.UTF8.GetBytes(Text("object", "{}")))), .. rest];

        // The last of equal names counts: a tree of nodes would refuse them.
        Tree = [CelValue.Of(JsonNode.Parse(Text("object", "{}"))), .. rest];
    }

    /// <summary>Kubernetes 1.36 and the variables.</summary>
    public static CelEnvironment Kubernetes { get; } = Declare(KubernetesEnvironment.Default);

    /// <summary>Every general library and the variables.</summary>
    public static CelEnvironment Specification { get; } = Declare(CelEnvironment.Specification);

    public IReadOnlyDictionary<string, string> Texts { get; }

    public IReadOnlyDictionary<string, RefValue> Reference { get; }

    /// <summary>In the order of the environments' variables; the document as a <see cref="JsonElement"/>.</summary>
    public CelValue[] Values { get; }

    /// <summary>The same with the document as a <see cref="CelDocument"/>.</summary>
    public CelValue[] Tape { get; }

    /// <summary>The same with the document as a <see cref="JsonNode"/>.</summary>
    public CelValue[] Tree { get; }

    /// <summary>Values for all variables; the seed makes the document and chooses the others.</summary>
    public static Inputs Of(int seed)
    {
        var random = new Random(seed);
        return new(new Dictionary<string, string>
        {
            ["object"] = RandomDocuments.Next(random),
            ["i"] = Pick(random, "0", "1", "-1", "3", "42", "9223372036854775807", "-9223372036854775808"),
            ["u"] = Pick(random, "0", "1", "3", "18446744073709551615", "9223372036854775808"),
            ["d"] = BitConverter.DoubleToInt64Bits(Pick(random, 0.0, -0.0, 1, 0.5, -3.75, double.NaN, double.PositiveInfinity, 9007199254740992, 1e-310))
                .ToString("X16", CultureInfo.InvariantCulture),
            ["s"] = Pick(random, "", "a", "abcabc", "é👑é", "ｚ👑", " x\u00a0", "2020-01-01T00:00:00Z", "3.5", new string('a', 60)),
            ["b"] = Pick(random, "true", "false"),
            ["y"] = Pick(random, "", "00", "FFFE", "61F09F9191"),
            ["t"] = Pick(random, "1970-01-01T00:00:00Z", "2020-09-13T12:26:40.5Z", "1969-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.000000001Z", "2000-02-29T00:00:00Z"),
            ["r"] = Pick(random, "0", "1", "-1", "3600000000000", "-1500000001", "9223372036854775807", "-9223372036854775808"),
            ["li"] = Pick(random, "[]", "[1]", "[1,2,3]", "[5,-5,0,5]", "[9223372036854775807,1]", "[10,9,8,7,6,5,4,3,2,1,0]"),
            ["ls"] = Pick(random, "[]", "[\"a\"]", "[\"b\",\"a\",\"\"]", "[\"👑\",\"ｚ\"]", "[\"1\",\"-2\",\"x\"]"),
            ["m"] = Pick(random, "{}", "{\"a\":1}", "{\"a\":0,\"b\":-1,\"👑\":7}", "{\"b\":2,\"B\":3}"),
        });
    }

    /// <summary>The variables, to be shown.</summary>
    public override string ToString() => string.Join("; ", Texts.Select(t => $"{t.Key} = {t.Value}"));

    public void Dispose() => _document.Dispose();

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

    private string Text(string name, string otherwise) => Texts.TryGetValue(name, out var text) ? text : otherwise;

    private List<(string Name, CelValue Value, RefValue Reference)> Others()
    {
        var invariant = CultureInfo.InvariantCulture;
        var i = long.Parse(Text("i", "0"), invariant);
        var u = ulong.Parse(Text("u", "0"), invariant);
        var d = BitConverter.Int64BitsToDouble(long.Parse(Text("d", "0"), NumberStyles.AllowHexSpecifier, invariant));
        var s = Text("s", "");
        var b = Text("b", "false") == "true";
        var y = Convert.FromHexString(Text("y", ""));
        var r = long.Parse(Text("r", "0"), invariant);
        var li = JsonSerializer.Deserialize<long[]>(Text("li", "[]"))!;
        var ls = JsonSerializer.Deserialize<string[]>(Text("ls", "[]"))!;
        var m = JsonSerializer.Deserialize<Dictionary<string, long>>(Text("m", "{}"))!;
        _ = CelTimestamp.Parse(Text("t", "1970-01-01T00:00:00Z"), keepOffset: false, out var t);
        return
        [
            ("i", CelValue.Of(i), new RefInt(i)),
            ("u", CelValue.Of(u), new RefUint(u)),
            ("d", CelValue.Of(d), new RefDouble(d)),
            ("s", CelValue.Of(s), new RefString(s)),
            ("b", CelValue.Of(b), RefValue.Of(b)),
            ("y", CelValue.Of(y), new RefBytes(y)),
            ("t", CelValue.Of(t), RefBridge.Of(CelValue.Of(t))),
            ("r", CelValue.Of(new CelDuration(r)), new RefDuration(r)),
            ("li", CelValue.Of(CelList.Of([.. li.Select(CelValue.Of)])), new RefList([.. li.Select(x => new RefInt(x))])),
            ("ls", CelValue.Of(CelList.Of([.. ls.Select(CelValue.Of)])), new RefList([.. ls.Select(x => new RefString(x))])),
            ("m", CelValue.Of(CelMap.Of([.. m.Select(e => (CelValue.Of(e.Key), CelValue.Of(e.Value)))])),
                new RefMap([.. m.Select(e => ((RefValue)new RefString(e.Key), (RefValue)new RefInt(e.Value)))])),
        ];
    }
}
