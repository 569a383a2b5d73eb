namespace Capstan.ApiServer.Http;

/// <summary>A feature of a request that reads: how many revisions ago the state is that it is answered from. Set by whoever stands before the server in a test.</summary>
internal sealed record ReadLag(int Revisions);
