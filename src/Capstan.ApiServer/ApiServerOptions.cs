namespace Capstan.ApiServer;

/// <summary>How an <see cref="EmbeddedApiServer"/> is started.</summary>
public sealed record ApiServerOptions
{
    /// <summary>TCP port on 127.0.0.1; 0, the default, takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Time of the server: of creationTimestamp, deletionTimestamp, certificates and watch timeouts. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many changes of each resource are kept for watches to resume from; older versions are answered with 410. Default 10,000.</summary>
    public int WatchWindow { get; init; } = 10_000;
}
