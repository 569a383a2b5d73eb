namespace Capstan.Client;

/// <summary>Refuses writes of a replica that may not write any more. One for all clients over the same connections.</summary>
internal sealed class WriteGate
{
    /// <summary>False refuses. Null refuses nothing.</summary>
    public Func<bool>? IsOpen { get; set; }

    /// <exception cref="InvalidOperationException">It writes, and the gate is shut.</exception>
    public void Check(ApiRequest request)
    {
        if (request.Method != HttpMethod.Get && IsOpen is { } isOpen && !IsReview(request) && !isOpen())
        {
            throw new InvalidOperationException($"{request.Description}: not sent, this replica may not write now: its lease has run out, or it is not the leader");
        }
    }

    // Who may read the metrics is asked by replicas that do not work as well, and stores nothing.
    private static bool IsReview(ApiRequest request) =>
        request.PathAndQuery.StartsWith("/apis/authentication.k8s.io/", StringComparison.Ordinal) || request.PathAndQuery.StartsWith("/apis/authorization.k8s.io/", StringComparison.Ordinal);
}
