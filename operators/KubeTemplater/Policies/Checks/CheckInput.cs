using System.Text.Json;
using Capstan;
using Capstan.Cel;

namespace KubeTemplater.Policies.Checks;

/// <summary>What the checks of one object see; made for expressions when the first one asks. Not thread-safe: one judgement is one thread's.</summary>
/// <param name="json">Gives the object, its namespace filled in.</param>
internal sealed class CheckInput(Func<JsonElement> json)
{
    private JsonElement? _json;
    private CelValue? _object;
    private CelValue? _oldObject;
    private CelValue? _namespaceObject;

    public CheckInput(JsonElement json)
        : this(() => json)
    {
    }

    /// <summary>The object.</summary>
    public JsonElement Json => _json ??= json();

    /// <summary>The object for CEL.</summary>
    public CelValue Object => _object ??= CelValue.Of(Json);

    /// <summary>The entry for the same object before the change; null where there was none, and always in the worker, which sees only what is.</summary>
    public CelValue OldObject => _oldObject ??= Old is { } old ? CelValue.Of(old) : CelValue.Null;

    /// <summary>Where <see cref="OldObject"/> comes from.</summary>
    public JsonElement? Old { get; init; }

    /// <summary>Metadata of the namespace that the object is to be in; null for an object without, or a namespace that is not there (yet).</summary>
    public CelValue NamespaceObject => _namespaceObject ??= Namespace is null ? CelValue.Null : CelValue.Of(JsonDocument.Parse(Namespace.Json).RootElement);

    /// <summary>Where <see cref="NamespaceObject"/> comes from.</summary>
    public DynamicObject? Namespace { get; init; }

    /// <summary><c>spec.params</c> of the policy.</summary>
    public CelValue Params { get; init; } = CelValue.Null;

    /// <summary>What is left for this judgement.</summary>
    public CheckBudget Budget { get; init; } = new();

    /// <summary>Ends long evaluations.</summary>
    public CancellationToken Cancellation { get; init; }
}
