using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>What became of one entry in a run.</summary>
/// <param name="State">One of <see cref="ResourceStates"/>.</param>
internal sealed record Outcome(string State)
{
    /// <summary>uid of the object; null while nothing is known of it.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the kind turned out to live in namespaces; null while that is not known.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>See <see cref="ResourceStatus.AppliedHash"/>.</summary>
    public string? Hash { get; init; }

    /// <summary>Why it failed.</summary>
    public TemplateException? Failure { get; init; }

    /// <summary>Why it is blocked, or applied and not ready yet.</summary>
    public string? Message { get; init; }

    /// <summary>Whether the run is to be resumed for it: what it waits for comes by itself.</summary>
    public bool Waits { get; init; }

    /// <summary>Whether entries that depend on this one may be applied.</summary>
    public bool LetsOthersGo => State is ResourceStates.Applied or ResourceStates.Ready && !Waits;

    /// <summary>It could not be applied.</summary>
    public static Outcome Failed(TemplateException why) => new(ResourceStates.Failed) { Failure = why, Message = why.Message, Uid = why.Uid };

    /// <summary>It was not tried.</summary>
    public static Outcome Blocked(string message, bool waits = false) => new(ResourceStates.Blocked) { Message = message, Waits = waits };
}
