// One kind, one object made for each: a Greeting becomes a ConfigMap, and whoever deletes or changes that gets it back.
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan;
using Capstan.Applying;

using var client = new KubeClient(KubeConfig.Load(args.FirstOrDefault()));
var configMapType = new ResourceType("", "v1", "ConfigMap", "configmaps", Namespaced: true);
var builder = new OperatorBuilder(client, new() { Name = "greeter" });
var greetings = builder.AddInformer<Greeting>();
var configMaps = builder.AddInformer(configMapType, new() { LabelSelector = Capstan.Selectors.LabelSelector.Parse("app=greeter") });
var applier = new Applier(client, "greeter");
var status = new StatusWriter(client);
builder.AddController("greeter", controller =>
{
    controller.For(greetings);
    controller.Owns(configMaps, Greeting.Resource);
    controller.Reconcile = async (key, stop) =>
    {
        if (greetings.CacheOf<Greeting>().Get(key) is not { Metadata.DeletionTimestamp: null } greeting) return ReconcileResult.Done;
        var text = $"Hello, {greeting.Spec.Name}!";
        var wanted = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { ["app"] = "greeter" } },
            ["data"] = new JsonObject { ["text"] = text },
        };
        Owners.SetController(greeting, configMapType, wanted);
        await applier.ApplyAsync(configMapType, wanted, stop);
        await status.WriteAsync(greeting, greeting with { Status = new() { Text = text } }, cancellationToken: stop);
        return ReconcileResult.Done;
    };
});
await builder.Build().RunUntilSignalAsync();

/// <summary>Somebody to be greeted.</summary>
[PrinterColumn("Text", ".status.text")]
[Rbac<Greeting>("list", "watch"), Rbac<Greeting>("patch", Subresource = "status"), Rbac("", "configmaps", "list", "watch", "create", "patch")]
public sealed record Greeting : KubeObject, IKubeObject<Greeting>
{
    /// <summary>Who.</summary>
    public GreetingSpec Spec { get; set; } = new();

    /// <summary>What was said.</summary>
    public GreetingStatus? Status { get; set; }

    public static ResourceType Resource { get; } = new("samples.capstan.dev", "v1", "Greeting", "greetings", Namespaced: true);

    public static JsonTypeInfo<Greeting> JsonTypeInfo => GreetingJson.Default.Greeting;
}

public sealed record GreetingSpec([property: Schema(MinLength = 1, MaxLength = 100)] string Name = "");

public sealed record GreetingStatus(string? Text = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Greeting))]
internal sealed partial class GreetingJson : JsonSerializerContext;
