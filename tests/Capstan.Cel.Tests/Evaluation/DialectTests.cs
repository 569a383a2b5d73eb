using Capstan.Cel.Evaluation;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Evaluation;

/// <summary>Where Kubernetes answers other than the specification.</summary>
public class DialectTests
{
    private static readonly FunctionTable Kubernetes = CelEnvironment.Kubernetes.With(KubernetesLibraries.IP, KubernetesLibraries.Cidr).Functions;

    private static readonly FunctionTable Specification =
        CelEnvironment.Specification.With(KubernetesLibraries.IP, KubernetesLibraries.Cidr).Functions;

    [Theory]
    [InlineData("duration('123.321456789s').getMilliseconds()", "321", "123321")]
    [InlineData("'%e'.format([3.14])", "3.140000e+00", "3.140000×10⁰⁰")]
    [InlineData("{1: 'a', 1: 'b'}[1]", "insert failed: key 1 already exists", "b")]
    [InlineData("size({1.5: 'a', null: 'b'})", "unsupported key type: double", "2")]
    [InlineData("string(1e6)", "1e+06", "1e+06")]
    [InlineData("9223372036854775807 < 9223372036854775808.0", "false", "false")]
    [InlineData("string(ip('::ffff:c0a8:1'))", "192.168.0.1", "IPv4-mapped IPv6 address \"::ffff:c0a8:1\" is not allowed")]
    [InlineData("base64.encode(b'a')", "YQ==", "undeclared reference to 'encode'")]
    public void Both_dialects_answer_as_theirs(string expression, string specification, string kubernetes)
    {
        Assert.Equal(specification, Evaluate(expression, SyntaxOptions.Spec, Specification));
        Assert.Equal(kubernetes, Evaluate(expression, SyntaxOptions.Kubernetes, Kubernetes));
    }

    private static string Evaluate(string expression, SyntaxOptions syntax, FunctionTable functions) =>
        Lowering.Lower(CelParser.Parse(expression, syntax).Ast!, new EvalScope(functions, [])).Evaluate([]).Value.ToString();
}
