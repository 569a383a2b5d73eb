using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer;

/// <summary>How an <see cref="EmbeddedApiServer"/> is started.</summary>
public sealed record ApiServerOptions
{
    /// <summary>TCP port on 127.0.0.1; 0, the default, takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Time of the server: of creationTimestamp, deletionTimestamp, certificates and watch timeouts. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether a pod must have a ServiceAccount that exists, and gets its token, as in a real cluster. That is for clusters with controllers, which give
    /// each namespace its account <c>default</c>; without them (as in Kubernetes' envtest, which has it off too) somebody would have to create one first. Default false.</summary>
    public bool ServiceAccountAdmission { get; init; }

    /// <summary>How many changes of each resource are kept for watches to resume from; older versions are answered with 410. Default 10,000.</summary>
    public int WatchWindow { get; init; } = 10_000;

    /// <summary>Directory that keeps everything across restarts: objects, revisions, certificates and keys, so that kubeconfigs and tokens stay valid too. It is made
    /// if it is not there, and used by one server at a time. Null, the default: memory only.</summary>
    /// <remarks>A write is answered once it is on the disk. When the disk is full, writes are answered with 503 until it is not.</remarks>
    public string? DataDirectory { get; init; }

    /// <summary>Where the server tells what its owner must know, such as a disk that is full. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }

    /// <summary>Stands between the network and the server: this is where <c>Capstan.Testing</c> injects faults. Null: nothing does.</summary>
    internal Func<RequestDelegate, RequestDelegate>? Around { get; init; }
}
