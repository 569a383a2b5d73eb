using System.Text.Json.Nodes;
using Capstan.Cel.Checking;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Checking;

/// <summary>What Kubernetes' own tests say compiles, as far as it needs no library of Kubernetes.</summary>
public sealed class KubernetesCompileTests
{
    private static readonly CelType Kind = Fields("kind", ("group", CelType.String), ("version", CelType.String), ("kind", CelType.String));

    private static readonly CelType Resource =
        Fields("resource", ("group", CelType.String), ("version", CelType.String), ("resource", CelType.String));

    private static readonly CelType Request = Fields(
        "kubernetes.AdmissionRequest",
        ("kind", Kind), ("requestKind", Kind), ("resource", Resource), ("requestResource", Resource),
        ("subResource", CelType.String), ("requestSubResource", CelType.String), ("dryRun", CelType.Bool), ("options", CelType.Dyn),
        ("userInfo", Fields(
            "kubernetes.UserInfo",
            ("username", CelType.String), ("uid", CelType.String), ("groups", CelType.List(CelType.String)),
            ("extra", CelType.Map(CelType.String, CelType.List(CelType.String))))));

    private static readonly CelType Namespace = Fields(
        "kubernetes.Namespace",
        ("metadata", Fields(
            "kubernetes.NamespaceMetadata",
            ("name", CelType.String), ("namespace", CelType.String), ("generation", CelType.Int),
            ("labels", CelType.Map(CelType.String, CelType.String)), ("annotations", CelType.Map(CelType.String, CelType.String)))),
        ("spec", Fields("kubernetes.NamespaceSpec", ("finalizers", CelType.List(CelType.String)))),
        ("status", Fields(
            "kubernetes.NamespaceStatus",
            ("phase", CelType.String),
            ("conditions", CelType.List(Fields(
                "kubernetes.NamespaceCondition",
                ("status", CelType.String), ("type", CelType.String), ("reason", CelType.String), ("lastTransitionTime", CelType.Timestamp)))))));

    [Fact]
    public void Rules_of_a_schema_compile_or_fail_as_they_do_there()
    {
        var count = Try("crd_compile.json", fact =>
        {
            var self = FactSchemas.Type(fact["schema"]!, "selfType");
            return Checking.Kubernetes
                .WithVariable("self", self)
                .WithVariable("oldSelf", (bool?)fact["optionalOldSelf"] ?? false ? CelType.Optional(self) : self);
        });
        Assert.Equal(23, count);
    }

    [Fact]
    public void Expressions_of_policies_compile_or_fail_as_they_do_there()
    {
        var count = Try("admission_compile.json", fact =>
        {
            if ((bool)fact["has_authorizer"]! || ((string)fact["expr"]!).Contains("isSorted", StringComparison.Ordinal))
            {
                return null;
            }

            var environment = Checking.Kubernetes
                .WithVariable("object", CelType.Dyn)
                .WithVariable("oldObject", CelType.Dyn)
                .WithVariable("request", Request)
                .WithVariable("namespaceObject", Namespace);
            return (bool)fact["has_params"]! ? environment.WithVariable("params", CelType.Dyn) : environment;
        });
        Assert.Equal(32, count);
    }

    [Fact]
    public void Expressions_of_the_extension_libraries_compile_or_fail_as_they_do_in_cel_go()
    {
        var environment = SuiteCase.Everything.WithType(Fields("ExampleType", ("name", CelType.String)));

        // Calls that no overload fits are evaluated unchecked there.
        var count = Try(
            "celgo_ext.json",
            fact => fact["expect"]!.ToJsonString().Contains("no such overload", StringComparison.Ordinal) ? null : environment,
            SyntaxOptions.Spec);
        Assert.Equal(120, count);
    }

    private static int Try(string file, Func<JsonNode, CheckEnvironment?> environmentOf, SyntaxOptions? syntax = null)
    {
        var folder = SharedFile.Folder("cel-kubernetes");
        Assert.SkipWhen(folder is null, "the facts are not in ../shared/cel-kubernetes");
        var wrong = new List<string>();
        var count = 0;
        foreach (var fact in SharedFile.Read(Path.Combine(folder!, file))["cases"]!.AsArray())
        {
            if (environmentOf(fact!) is { } environment)
            {
                count++;
                var text = (string?)fact!["rule"] ?? (string)fact["expr"]!;
                if (Problem(text, fact["expect"]!, environment, syntax) is { } problem)
                {
                    wrong.Add($"{text}: {problem}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} wrong:\n{string.Join('\n', wrong)}");
        return count;
    }

    private static string? Problem(string text, JsonNode expect, CheckEnvironment environment, SyntaxOptions? syntax)
    {
        var parsed = CelParser.Parse(text, syntax);
        var result = parsed.Ast is null ? null : CelChecker.Check(parsed.Ast, environment);
        var messages = string.Join("; ", (result?.Issues ?? parsed.Issues).Select(i => i.Message));
        if (expect["compiles"] is { } compiles ? !(bool)compiles : (string?)expect["error_kind"] == "compile")
        {
            var pieces = expect["error_contains"] is JsonArray several ? several.Select(p => (string)p!) : [(string)expect["error_contains"]!];
            return pieces.All(p => messages.Contains(p, StringComparison.Ordinal)) ? null : $"says '{messages}'";
        }

        return messages.Length > 0 ? messages
            : expect["compiles"] is null ? null
            : result!.Type.Kind is not (CelTypeKind.Bool or CelTypeKind.Dyn) ? $"is {result.Type}"
            : result.RefersTo("oldSelf") != ((bool?)expect["uses_old_self"] ?? false) ? "is wrong about oldSelf"
            : null;
    }

    private static CelObjectType Fields(string name, params (string Name, CelType Type)[] fields) =>
        new(name, fields.Select(f => KeyValuePair.Create(f.Name, f.Type)));
}
