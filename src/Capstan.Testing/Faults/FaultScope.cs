using Capstan.ApiServer.Http;

namespace Capstan.Testing.Faults;

/// <summary>For which requests a fault is.</summary>
internal sealed record FaultScope
{
    public IReadOnlyList<string> Verbs { get; init; } = ["*"];

    public string Resource { get; init; } = "*";

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? UserAgent { get; init; }

    public bool WatchesOnly { get; init; }

    public int Skip { get; init; }

    public int Times { get; init; } = int.MaxValue;

    public double Probability { get; init; } = 1;

    /// <summary>Whether a request is one of those, regardless of how many there were.</summary>
    public bool Covers(RequestInfo request, string userAgent) =>
        request.IsResource
        && (!WatchesOnly || request.Verb == "watch")
        && Verbs.Any(verb => verb == "*" || verb == request.Verb || (verb is "read" or "write" && verb == (request.Verb is "get" or "list" or "watch" ? "read" : "write")))
        && (Resource == "*" || Resource == ResourceOf(request))
        && (Namespace is null || Namespace == request.Namespace)
        && (Name is null || Name == request.Name)
        && (UserAgent is null || userAgent.StartsWith(UserAgent, StringComparison.Ordinal));

    /// <summary><c>deployments.apps/status</c>, as a rule says it.</summary>
    public static string ResourceOf(RequestInfo request) => request.Subresource.Length == 0 ? $"{request.GroupResource}" : $"{request.GroupResource}/{request.Subresource}";

    public override string ToString() => $"{string.Join(',', Verbs)} {Resource}";
}
