namespace Capstan.Cluster.Workloads;

/// <summary>Errors in the words that events and conditions of Kubernetes have.</summary>
internal static class FailureText
{
    private const string NamespaceTerminating = "NamespaceTerminating";

    /// <summary>What the server said, without what was asked; else what went wrong on the way to it.</summary>
    public static string Of(Exception error) => error is ApiException { Status.Message: { Length: > 0 } message } ? message : error.Message;

    /// <summary>Nothing can be made in a namespace that goes: that is nobody's fault.</summary>
    public static bool IsOfEndingNamespace(Exception error) => error is ApiException api && api.Status.Details?.Causes?.Any(cause => cause.Reason == NamespaceTerminating) == true;

    /// <summary>What a write may end with, other than a fault of this program.</summary>
    public static bool IsOfRequest(Exception error) => error is ApiException or HttpRequestException or TimeoutException;
}
