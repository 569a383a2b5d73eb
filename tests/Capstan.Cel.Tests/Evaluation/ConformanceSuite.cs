using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;
using Capstan.Cel.Tests.Checking;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Evaluation;

/// <summary>The official suite as JSON, beside the repository; and how a case is run and judged.</summary>
internal static class ConformanceSuite
{
    private static readonly string Root = FindRoot();

    private static readonly FunctionTable Functions = CelEnvironment.Specification.With(KubernetesLibraries.IP, KubernetesLibraries.Cidr).Functions;

    /// <summary>The folder of the suite, null where it is not there.</summary>
    public static string? Folder { get; } = new[] { "../shared/cel-spec", "../../shared/cel-spec" }
        .Select(p => Path.GetFullPath(Path.Combine(Root, p))).FirstOrDefault(Directory.Exists);

    public static string ExclusionFile { get; } = Path.Combine(Root, "tests/Capstan.Cel.Tests/Evaluation/conformance-exclusions.txt");

    public static HashSet<string> Exclusions() =>
        [.. File.ReadLines(ExclusionFile).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#')];

    /// <summary>All cases of a file that need no protobuf.</summary>
    public static IEnumerable<JsonElement> Cases(string file)
    {
        using var stream = File.OpenRead(file);
        var root = JsonDocument.Parse(stream).RootElement;
        return root.GetProperty("sections").EnumerateArray()
            .SelectMany(s => s.GetProperty("tests").EnumerateArray())
            .Where(t => !t.TryGetProperty("needs_proto", out var proto) || !proto.GetBoolean());
    }

    /// <summary>Null when the case passes, else why not.</summary>
    public static string? Judge(JsonElement test)
    {
        var options = Flag(test, "disable_macros") ? SyntaxOptions.Spec with { Macros = MacroTable.Empty } : SyntaxOptions.Spec;
        var parsed = CelParser.Parse(test.GetProperty("expr").GetString()!, options);
        var wantsError = test.GetProperty("expect").GetString() == "eval_error";
        if (parsed.Ast is null)
        {
            return wantsError ? null : "does not parse: " + parsed.Issues[0].Message;
        }

        if (!Flag(test, "disable_check"))
        {
            var asked = new SuiteCase(JsonNode.Parse(test.GetRawText())!);
            var answer = asked.Check();
            if (!answer.IsValid || (asked.DeducedType is { } type && type != answer.Type.ToString()))
            {
                return answer.IsValid ? $"is of type {answer.Type}" : wantsError ? null : "does not check: " + answer.Issues[0].Message;
            }

            if (Flag(test, "check_only"))
            {
                return asked.DeducedType is null ? "has no type to compare" : null;
            }
        }

        var names = new List<string>();
        var values = new List<CelValue>();
        if (test.TryGetProperty("bindings", out var bindings))
        {
            foreach (var binding in bindings.EnumerateObject())
            {
                names.Add(binding.Name);
                values.Add(binding.Value.TryGetProperty("value", out var value) ? Value(value) : CelValue.Failure("bound to an error"));
            }
        }

        if (test.TryGetProperty("type_env", out var declarations))
        {
            names.AddRange(declarations.EnumerateArray().Where(d => d.TryGetProperty("ident", out _))
                .Select(d => d.GetProperty("name").GetString()!).Where(n => !names.Contains(n)));
        }

        var container = test.TryGetProperty("container", out var c) ? c.GetString()! : "";
        var program = Lowering.Lower(parsed.Ast, new EvalScope(Functions, names, container));
        var result = program.Evaluate(values.ToArray(), new() { Cancellation = TestContext.Current.CancellationToken }).Value;
        if (wantsError)
        {
            // An error for want of a library is not the error that a case of the library is about.
            return !result.IsError ? $"expected an error, got {result}"
                : result.ErrorKind == EvalErrorKind.UndeclaredReference && test.GetProperty("id").GetString()!.StartsWith("network_ext", StringComparison.Ordinal)
                    ? result.ErrorMessage : null;
        }

        if (result.IsError)
        {
            return "error: " + result.ErrorMessage;
        }

        var expected = test.TryGetProperty("value", out var v) ? Value(v)
            : test.TryGetProperty("typed_result", out var typed) && typed.TryGetProperty("result", out var r) ? Value(r)
            : CelValue.True;
        return Same(expected, result) ? null : $"expected {expected.TypeName} {expected}, got {result.TypeName} {result}";
    }

    public static CelValue Value(JsonElement v)
    {
        var property = v.EnumerateObject().First();
        var value = property.Value;
        switch (property.Name)
        {
            case "null_value": return CelValue.Null;
            case "bool_value": return CelValue.Of(value.GetBoolean());
            case "int64_value": return CelValue.Of(long.Parse(value.GetString()!, CultureInfo.InvariantCulture));
            case "uint64_value": return CelValue.Of(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture));
            case "double_value":
                return CelValue.Of(value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
                {
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    _ => double.NaN,
                });
            case "string_value": return CelValue.Of(value.GetString()!);
            case "bytes_value": return CelValue.Of(value.GetBytesFromBase64());
            case "type_value": return CelValue.TypeOf(value.GetString()!);
            case "list_value":
                return CelValue.Of(CelList.Of(value.TryGetProperty("values", out var items) ? [.. items.EnumerateArray().Select(Value)] : []));
            case "map_value":
                return CelValue.Of(CelMap.Of(value.TryGetProperty("entries", out var entries)
                    ? [.. entries.EnumerateArray().Select(e => (Value(e.GetProperty("key")), Value(e.GetProperty("value"))))] : []));
            case "object_value": return Message(value);
            default: throw new NotSupportedException(property.Name);
        }
    }

    private static CelValue Message(JsonElement message)
    {
        var value = message.GetProperty("value");
        var seconds = value.TryGetProperty("seconds", out var s) ? long.Parse(s.GetString()!, CultureInfo.InvariantCulture) : 0;
        var nanos = value.TryGetProperty("nanos", out var n) ? n.GetInt32() : 0;
        var type = message.GetProperty("@type").GetString()!;
        if (type.EndsWith("google.protobuf.Duration", StringComparison.Ordinal))
        {
            return CelValue.Of(new CelDuration(seconds * 1_000_000_000 + nanos));
        }

        Assert.EndsWith("google.protobuf.Timestamp", type, StringComparison.Ordinal);
        Assert.True(CelTimestamp.TryCreate(seconds, nanos, out var timestamp));
        return CelValue.Of(timestamp);
    }

    // Kinds count: 1 is not 1u. NaN is NaN.
    private static bool Same(in CelValue expected, in CelValue actual)
    {
        if (expected.Kind != actual.Kind)
        {
            return false;
        }

        switch (expected.Kind)
        {
            case CelKind.Double:
                return expected.Double.Equals(actual.Double);
            case CelKind.List:
                var (list, other) = (expected.List.ToArray(), actual.List.ToArray());
                return list.Length == other.Length && list.Zip(other).All(p => Same(p.First, p.Second));
            case CelKind.Map:
                var (map, found) = (expected.Map, actual.Map);
                return map.Count == found.Count && Enumerable.Range(0, map.Count).Select(map.Entry).All(e =>
                    Enumerable.Range(0, found.Count).Select(found.Entry).Any(f => Same(e.Key, f.Key) && Same(e.Value, f.Value)));
            default:
                return CelEquality.Equal(expected, actual);
        }
    }

    private static bool Flag(JsonElement test, string name) => test.TryGetProperty(name, out var flag) && flag.GetBoolean();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Capstan.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside of the repository");
        }

        return folder;
    }
}
