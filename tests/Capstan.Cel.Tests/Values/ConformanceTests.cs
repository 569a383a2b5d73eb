using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>Every case of the official suite that is calls on literals, through the value functions. What is more is counted and left to the evaluator.</summary>
public class ConformanceTests
{
    [Theory]
    [InlineData("timestamps", 72)]
    [InlineData("conversions", 75)]
    [InlineData("integer_math", 64)]
    [InlineData("fp_math", 30)]
    [InlineData("string", 42)]
    [InlineData("string_ext", 212)]
    [InlineData("math_ext", 199)]
    [InlineData("comparisons", 300)]
    [InlineData("encoders_ext", 4)]
    public void Cases_on_literals_hold(string file, int atLeast)
    {
        var path = Data(file + ".json");
        if (path is null)
        {
            Assert.Skip($"../shared/cel-spec/{file}.json is absent");
            return;
        }

        if (file == "timestamps" && !CelTimeZone.TryFind("Europe/Berlin", out _)) Assert.Skip("no time zone data on this machine");

        var held = 0;
        var left = new List<string>();
        var wrong = new List<string>();
        foreach (var test in JsonNode.Parse(File.ReadAllText(path))!["sections"]!.AsArray().SelectMany(section => section!["tests"]!.AsArray()))
        {
            if (test!["needs_proto"]?.GetValue<bool>() == true) continue;
            var expr = test["expr"]!.GetValue<string>();
            try
            {
                if (Verdict(test, expr) is { } problem) wrong.Add($"{test["id"]}: {expr}: {problem}");
                else held++;
            }
            catch (BeyondLiterals e)
            {
                left.Add($"{test["id"]} ({e.Message})");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {held} hold, {left.Count} left to the evaluator: {string.Join(", ", left.Take(60))}");
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong:\n{string.Join('\n', wrong)}");
        Assert.True(held >= atLeast, $"only {held} of {atLeast} were tried");
    }

    private static string? Verdict(JsonNode test, string expr)
    {
        object? value;
        try
        {
            var bindings = test["bindings"]?.AsObject().ToDictionary(pair => pair.Key, pair => Value(pair.Value!["value"] ?? throw new BeyondLiterals("binding")));
            value = new LiteralEvaluator(bindings ?? []).Evaluate(LiteralEvaluator.Parse(expr));
        }
        catch (CelFailure e)
        {
            return test["eval_error"] is not null ? null : $"error '{e.Message}'";
        }

        if (test["eval_error"] is not null) return $"no error but {value}";
        var expected = test["value"] is { } node ? Value(node) : test["implicit_true"] is not null ? true : throw new BeyondLiterals("typed result");
        return Same(expected, value) ? null : $"expected {expected} ({expected?.GetType().Name}), got {value} ({value?.GetType().Name})";
    }

    // Strict: kinds differ, NaN is NaN, and zeros have signs.
    private static bool Same(object? expected, object? value) => (expected, value) switch
    {
        (double a, double b) => double.IsNaN(a) ? double.IsNaN(b) : BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        _ => expected?.GetType() == value?.GetType() && LiteralEvaluator.Equals(expected, value),
    };

    private static object? Value(JsonNode node)
    {
        var (kind, value) = node.AsObject().First();
        return kind switch
        {
            "null_value" => null,
            "bool_value" => value!.GetValue<bool>(),
            "int64_value" => long.Parse(value!.GetValue<string>(), CultureInfo.InvariantCulture),
            "uint64_value" => ulong.Parse(value!.GetValue<string>(), CultureInfo.InvariantCulture),
            "double_value" => value!.GetValueKind() == System.Text.Json.JsonValueKind.String ? double.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture) : value.GetValue<double>(),
            "string_value" => value!.GetValue<string>(),
            "bytes_value" => Convert.FromBase64String(value!.GetValue<string>()),
            "list_value" => value!["values"]?.AsArray().Select(element => Value(element!)).ToArray() ?? [],
            "map_value" => value!["entries"]?.AsArray().Select(entry => (Value(entry!["key"]!), Value(entry["value"]!))).ToArray() ?? [],
            "object_value" => WellKnown(value!),
            _ => throw new BeyondLiterals(kind),
        };
    }

    private static object WellKnown(JsonNode value)
    {
        var inner = value["value"]!;
        var seconds = long.Parse(inner["seconds"]?.GetValue<string>() ?? "0", CultureInfo.InvariantCulture);
        var nanos = inner["nanos"]?.GetValue<int>() ?? 0;
        var type = value["@type"]!.GetValue<string>();
        if (type.EndsWith("Duration", StringComparison.Ordinal)) return new CelDuration((seconds * 1_000_000_000) + nanos);
        if (!type.EndsWith("Timestamp", StringComparison.Ordinal)) throw new BeyondLiterals(type);
        Assert.True(CelTimestamp.TryCreate(seconds, nanos, out var timestamp));
        return timestamp;
    }

    // Beside the repository; a worktree lies one folder deeper.
    private static string? Data(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "cel-spec", file);
            if (File.Exists(path)) return path;
        }

        return null;
    }
}
