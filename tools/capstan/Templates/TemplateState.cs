using KubeTemplater.Resources;

namespace Capstan.Tool.Templates;

/// <summary>A template and what it made, at the moment of reading.</summary>
internal sealed record TemplateState(KubeTemplate Template, IReadOnlyList<ObjectState> Objects);

/// <summary>One object of a template, at the moment of reading.</summary>
/// <param name="Id">Id of the entry, or its place in the list; null for what an earlier version of the template made.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Where it is.</param>
/// <param name="State">The operator's word, or one of <see cref="LiveStates"/> where the cluster shows otherwise.</param>
/// <param name="Message">Why.</param>
internal sealed record ObjectState(string? Id, GroupVersionKind Kind, ObjectKey Key, string State, string Message)
{
    /// <summary>When it was made; null if it is not there.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Its uid; null if it is not there.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether it is ready, as the operator judges it for <c>waitFor</c>; null if it is not there or could not be read.</summary>
    public bool? IsReady { get; init; }

    /// <summary>Fields of the template that others have now.</summary>
    public IReadOnlyList<LostField> Drift { get; init; } = [];
}

/// <summary>States that are seen in the cluster and not in the status.</summary>
internal static class LiveStates
{
    /// <summary>The operator has not reported on it.</summary>
    public const string Pending = "Pending";

    /// <summary>An earlier version of the template made it.</summary>
    public const string Left = "Left";

    /// <summary>It was applied and is not there.</summary>
    public const string Missing = "Missing";

    /// <summary>It is being deleted.</summary>
    public const string Terminating = "Terminating";

    /// <summary>It is there, and is not the one that was applied.</summary>
    public const string Recreated = "Recreated";

    /// <summary>It could not be read.</summary>
    public const string Unknown = "Unknown";
}
