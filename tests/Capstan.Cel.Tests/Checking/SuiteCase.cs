using System.Text.Json.Nodes;
using Capstan.Cel.Checking;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Checking;

/// <summary>A case of the conformance suite, as far as the checker is asked.</summary>
internal sealed class SuiteCase(JsonNode test)
{
    /// <summary>All that the core declares.</summary>
    public static CheckEnvironment Everything { get; } = CheckEnvironment.Standard
        .WithOptionals()
        .WithFunctions(ExtensionDeclarations.Strings)
        .WithFunctions(ExtensionDeclarations.Lists)
        .WithFunctions(ExtensionDeclarations.Sets)
        .WithFunctions(ExtensionDeclarations.TwoVariableComprehensions)
        .WithFunctions(EncodingDeclarations.Base64)
        .WithFunctions(MathDeclarations.Math)
        .WithFunctions(KubernetesLibraries.IP.Declarations)
        .WithFunctions(KubernetesLibraries.Cidr.Declarations)
        .WithType(CelType.Opaque("net.IP"))
        .WithType(CelType.Opaque("net.CIDR"));

    public string Id { get; } = (string)test["id"]!;

    public bool NeedsProto { get; } = (bool?)test["needs_proto"] ?? false;

    public bool IsChecked { get; } = !((bool?)test["disable_check"] ?? false);

    public string? DeducedType { get; } = (string?)test["typed_result"]?["deduced_type_text"];

    public string Expression { get; } = (string)test["expr"]!;

    public static IEnumerable<SuiteCase> All(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
        from section in SharedFile.Read(file)["sections"]!.AsArray()
        from test in section!["tests"]!.AsArray()
        select new SuiteCase(test!);

    public CheckedExpression Check()
    {
        var parsed = CelParser.Parse(Expression, SyntaxOptions.Spec with { Macros = Macros() });
        Assert.True(parsed.Ast is not null, $"{Id}: {Expression}: {string.Join('\n', parsed.Issues)}");
        var environment = Everything with { Container = (string?)test["container"] ?? "" };
        foreach (var declaration in test["type_env"]?.AsArray() ?? [])
        {
            var name = (string)declaration!["name"]!;
            environment = declaration["ident"] is { } ident
                ? environment.WithVariable(name, SignatureReader.Type(Text(ident["type"]!)))
                : environment.WithFunctions(SignatureReader.Functions(
                    string.Join('\n', declaration["function"]!["overloads"]!.AsArray().Select(Signature).Prepend(name))));
        }

        return CelChecker.Check(parsed.Ast, environment);
    }

    private MacroTable Macros() => (bool?)test["disable_macros"] ?? false ? MacroTable.Empty : SyntaxOptions.Spec.Macros;

    private static string Signature(JsonNode? overload)
    {
        var parameters = (overload!["params"]?.AsArray() ?? []).Select(p => Text(p!)).ToList();
        var receiver = (bool?)overload["is_instance_function"] ?? false ? $"{parameters[0]}." : "";
        var arguments = string.Join(", ", receiver.Length == 0 ? parameters : parameters.Skip(1));
        return $"  {(string)overload["overload_id"]!} {receiver}({arguments}) -> {Text(overload["result_type"]!)}";
    }

    private static string Text(JsonNode type)
    {
        var (kind, value) = type.AsObject().First();
        return kind switch
        {
            "primitive" => Primitive((string)value!),
            "wrapper" => $"wrapper({Primitive((string)value!)})",
            "well_known" => ((string)value!).ToLowerInvariant(),
            "dyn" => "dyn",
            "null" => "null",
            "type" => $"type({Text(value!)})",
            "type_param" or "message_type" => (string)value!,
            "list_type" => $"list({Text(value!["elem_type"]!)})",
            "map_type" => $"map({Text(value!["key_type"]!)}, {Text(value["value_type"]!)})",
            "abstract_type" => (string)value!["name"]! + (value["parameter_types"] is JsonArray { Count: > 0 } parameters
                ? $"({string.Join(", ", parameters.Select(p => Text(p!)))})"
                : ""),
            _ => throw new InvalidDataException(type.ToJsonString()),
        };
    }

    private static string Primitive(string name) => name switch
    {
        "INT64" => "int",
        "UINT64" => "uint",
        _ => name.ToLowerInvariant(),
    };
}
