using System.Text.Json;

namespace Capstan.Cel.Bench;

/// <summary>The one environment of all cases, and the values of its variables.</summary>
internal static class BenchEnvironment
{
    public static CelEnvironment Environment { get; } = CelEnvironment.Kubernetes
        .WithVariable("object", CelType.Dyn)
        .WithVariable("string_value", CelType.String)
        .WithVariable("list_value", CelType.List(CelType.String))
        .WithVariable("x", CelType.String)
        .WithVariable("a", CelType.String)
        .WithVariable("b", CelType.String)
        .WithVariable("n", CelType.Int)
        .WithVariable("numbers", CelType.List(CelType.Int))
        .WithVariable("name", CelType.String);

    /// <summary>Cost is counted against the limit that Kubernetes has for one expression.</summary>
    public static CelLimits Limits { get; } = new() { Cost = 10_000_000 };

    public static CelValue[] Values(byte[] json)
    {
        using var variables = JsonDocument.Parse(BenchCases.VariablesJson);
        return
        [
            CelValue.Of(CelDocument.Parse(json)),
            .. Environment.Variables.Skip(1).Select(v => CelValue.Of(variables.RootElement.GetProperty(v))),
        ];
    }
}
