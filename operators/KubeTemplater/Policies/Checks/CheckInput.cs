using System.Text.Json;
using Capstan;
using Capstan.Cel;
using Capstan.Cel.Kubernetes;

namespace KubeTemplater.Policies.Checks;

/// <summary>What the checks of one object see. Not thread-safe: one judgement is one thread's.</summary>
/// <param name="json">The object, its namespace filled in.</param>
internal sealed class CheckInput(JsonElement json)
{
    private CelValue? _object;
    private CelValue? _namespaceObject;

    /// <summary>The object.</summary>
    public JsonElement Json { get; } = json;

    /// <summary>The object for CEL; made when the first expression asks.</summary>
    public CelValue Object => _object ??= CelValue.Of(Json);

    /// <summary>The entry for the same object before the change; null where there was none, and always in the worker, which sees only what is.</summary>
    public CelValue OldObject { get; init; } = CelValue.Null;

    /// <summary>Metadata of the namespace that the object is to be in; null for an object without, or a namespace that is not there (yet).</summary>
    public CelValue NamespaceObject => _namespaceObject ??= Namespace is null ? CelValue.Null : CelValue.Of(Namespace.ToJson());

    /// <summary>Where <see cref="NamespaceObject"/> comes from.</summary>
    public DynamicObject? Namespace { get; init; }

    /// <summary><c>spec.params</c> of the policy.</summary>
    public CelValue Params { get; init; } = CelValue.Null;

    /// <summary>CEL cost that is left for this judgement; expressions beyond it are refused.</summary>
    public long Budget { get; set; } = CelBudgets.Policy;

    /// <summary>Ends long evaluations.</summary>
    public CancellationToken Cancellation { get; init; }
}
