using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Costs;

/// <summary>
/// What cel-go answered in Kubernetes' environment: the value and what it cost, for expressions over JSON without a schema (<c>object</c>) and with
/// one (<c>self</c>), with errors, absorbed errors and limits among them.
/// </summary>
public sealed class CelGoCostTests
{
    private static readonly CelEnvironment Base = KubernetesEnvironment.Of(1, 36, CelExpressionsMode.Stored);
    private static readonly JsonNode Inputs = JsonNode.Parse(File.ReadAllText(PathOf("celgo-costs-inputs.jsonl")))!;
    private static readonly Schema SelfSchema = SchemaReader.FromOpenApiV3((JsonObject)Inputs["schema"]!);
    private static readonly CelEnvironment Untyped = Base.WithVariable("object", CelType.Dyn);
    private static readonly CelEnvironment Typed = Base.WithVariable("self", SchemaTypes.Of(SelfSchema)!);
    private static readonly JsonDocument Document = JsonDocument.Parse(Inputs["object"]!.ToJsonString());
    private static readonly CelValue Object = CelValue.Of(Document.RootElement);
    private static readonly CelValue Self = SchemaValue.Of(Inputs["self"], SelfSchema);

    [Fact]
    public void Costs_and_values_are_those_of_cel_go()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(PathOf("celgo-costs.jsonl")))
        {
            var answer = JsonNode.Parse(line)!;
            count++;
            if (Problem(answer) is { } problem)
            {
                wrong.Add($"{answer["expr"]}: {problem}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} wrong:\n{string.Join('\n', wrong)}");
        Assert.True(count > 800, $"only {count} answers");
    }

    private static string? Problem(JsonNode answer)
    {
        var isTyped = (bool?)answer["typed"] ?? false;
        if (!(isTyped ? Typed : Untyped).TryCompile((string)answer["expr"]!, out var program, out var diagnostics))
        {
            return diagnostics.ToString();
        }

        var limits = new CelLimits { Cost = (ulong?)answer["limit"] ?? CelBudgets.Call };
        var (value, cost) = program.Evaluate([isTyped ? Self : Object], limits);
        var expected = (ulong)answer["cost"]!;
        var text = value.IsError ? $"error: {value.ErrorMessage}" : Text(value);
        return cost != expected ? $"cost {cost}, cel-go says {expected} ({text})"
            : value.IsError != answer["error"] is not null ? $"{text}, cel-go says {answer["value"] ?? answer["error"]}"
            : !value.IsError && (string?)answer["value"] is { Length: > 0 } shown && shown != text ? $"{text}, cel-go says {shown}"
            : null;
    }

    // As the questioner of cel-go wrote values; of others than these it gave the type.
    private static string Text(in CelValue value) => value.Kind switch
    {
        CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String or CelKind.Null => value.ToString(),
        CelKind.Optional => value.Optional.HasValue ? $"optional({Text(value.Optional.Value)})" : "optional.none()",
        CelKind.List => $"[{string.Join(", ", value.List.ToArray().Select(item => Text(item)))}]",
        CelKind.Map => $"map of {value.Map.Count}",
        _ => value.TypeName,
    };

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Costs", file);
}
