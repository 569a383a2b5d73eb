using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node;

/// <summary>How a <see cref="LocalNode"/> runs pods.</summary>
public sealed record LocalNodeOptions
{
    /// <summary>Whether containers of known images are processes of this machine. Default true; false, and for images that nobody knows, they are simulated.</summary>
    public bool RunProcesses { get; init; } = true;

    /// <summary>Where pods, their volumes, logs and the list of processes are kept. A node that starts there ends what one before it left running. Default null: a
    /// temporary directory, gone at the end.</summary>
    /// <remarks>One node at a time. Users that programs of images run as (<c>postgres</c>) must be able to enter it: as root, below a directory that is closed to
    /// them, it becomes a link to one below <c>/var/lib/capstan</c>.</remarks>
    public string? StateDirectory { get; init; }

    /// <summary>Whether what is in <see cref="StateDirectory"/> outlives the node. Default true; false, for clusters that are gone with their process: directories of
    /// pods and volumes are removed when the node starts and when it ends.</summary>
    public bool KeepState { get; init; } = true;

    /// <summary>JSON file with further images, by the shape that docs/local.md tells. Default null: the built-in ones alone.</summary>
    public string? ImagesFile { get; init; }

    /// <summary>Where the executables of the operators' own images are. Default null: beside this program.</summary>
    public string? ProgramsDirectory { get; init; }

    /// <summary>Port of the kubelet's HTTPS server on 127.0.0.1; 0 takes a free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>Most that is waited for programs when the node itself stops, however long their grace is. Default 10 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Chance, for addresses and names. Default: seeded by the system. Used under a lock.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
