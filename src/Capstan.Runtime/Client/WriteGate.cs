namespace Capstan.Client;

/// <summary>Refuses writes of a replica that may not write any more. One for all clients over the same connections.</summary>
internal sealed class WriteGate
{
    /// <summary>False refuses. Null refuses nothing.</summary>
    public Func<bool>? IsOpen { get; set; }

    /// <exception cref="InvalidOperationException">It writes, and the gate is shut.</exception>
    public void Check(ApiRequest request)
    {
        if (request.Method != HttpMethod.Get && IsOpen is { } isOpen && !isOpen())
        {
            throw new InvalidOperationException($"{request.Description}: not sent, this replica is not the leader");
        }
    }
}
