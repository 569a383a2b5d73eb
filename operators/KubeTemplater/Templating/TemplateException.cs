using Capstan;

namespace KubeTemplater.Templating;

/// <summary>Why a template cannot be Completed: a condition reason for machines and a message for its author.</summary>
internal sealed class TemplateException(string reason, string message) : Exception(message)
{
    /// <summary>One of <see cref="FailureReasons"/>.</summary>
    public string Reason { get; } = reason;

    /// <summary>What the server said, when it was the server that refused.</summary>
    public ApiException? Refusal { get; init; }

    /// <summary>uid of the object that is there now, where that is another than before.</summary>
    public string? Uid { get; init; }
}

/// <summary>Reasons of the condition <c>Ready</c> when it is False.</summary>
internal static class FailureReasons
{
    /// <summary>An entry cannot be read as an object.</summary>
    public const string InvalidTemplate = "InvalidTemplate";

    /// <summary>No policy, or more than one, names the template's namespace.</summary>
    public const string NoPolicy = "NoPolicy";

    /// <summary>The policy refuses an entry.</summary>
    public const string PolicyViolation = "PolicyViolation";

    /// <summary>The server serves no such kind (yet).</summary>
    public const string UnknownKind = "UnknownKind";

    /// <summary>An older KubeTemplate names the same object.</summary>
    public const string ClaimedByAnother = "ClaimedByAnother";

    /// <summary>An object that others wait for failed, by its own controller's words.</summary>
    public const string NotReady = "NotReady";

    /// <summary>The server did not delete an object that is wanted no more.</summary>
    public const string DeleteFailed = "DeleteFailed";

    /// <summary>The server refused an object.</summary>
    public const string ApplyFailed = "ApplyFailed";
}
