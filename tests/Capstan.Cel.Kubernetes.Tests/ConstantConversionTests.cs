namespace Capstan.Cel.Kubernetes.Tests;

/// <summary>Kubernetes makes no program of an expression with a conversion of a constant that fails, wherever it stands.</summary>
public sealed class ConstantConversionTests
{
    [Theory]
    [InlineData("int('x') == 1", "type conversion error from 'string' to 'int'")]
    [InlineData("true || int('x') == 1", "type conversion error from 'string' to 'int'")]
    [InlineData("uint(-1) == 1u", "unsigned integer overflow")]
    [InlineData("double('a') > 1.0", "type conversion error from 'string' to 'double'")]
    [InlineData("bool('maybe')", "type conversion error from 'string' to 'bool'")]
    [InlineData("int(1e99) == 1", "integer overflow")]
    [InlineData("duration(dyn('x')) == duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'")]
    public void One_that_fails_does_not_compile(string expression, string message)
    {
        Assert.False(KubernetesEnvironment.Default.TryCompile(expression, out _, out var diagnostics));
        Assert.Equal(message, diagnostics.ProgramFault);
    }

    [Theory]
    [InlineData("int('1' + 'x') == 1")]
    [InlineData("[1, 2].exists(i, int('x' + string(i)) == 1)")]
    public void One_of_what_is_computed_fails_when_it_runs(string expression) =>
        Assert.True(KubernetesEnvironment.Default.Compile(expression).Evaluate([]).IsError);

    [Fact]
    public void The_specification_has_it_fail_when_it_runs() => Assert.True(CelEnvironment.Specification.Compile("int('x')").Evaluate([]).IsError);
}
