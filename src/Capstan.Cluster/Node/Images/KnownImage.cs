using System.Text.Json.Serialization;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Images;

/// <summary>What this machine runs for an image.</summary>
/// <remarks>Not init-only: what a file does not say must keep its default. Placeholders in <see cref="Entrypoint"/>, <see cref="Command"/> and <see cref="Env"/>: <c>${POD_IP}</c>, <c>${POD_DIR}</c> (the pod's directory), <c>${CONTAINER_DIR}</c>,
/// <c>${SOCKET_DIR}</c> (a short path, for sockets).</remarks>
internal sealed record KnownImage
{
    /// <summary>Repository, with or without a tag. Images of pods may have more before it, up to a slash: <c>tools/worker</c> also is <c>registry.example/tools/worker:3</c>.</summary>
    public string Image { get; set; } = "";

    /// <summary>What stands before the arguments, unless a container has a <c>command</c>.</summary>
    public IReadOnlyList<string> Entrypoint { get; set; } = [];

    /// <summary>The arguments, unless a container has <c>args</c> or a <c>command</c>.</summary>
    public IReadOnlyList<string> Command { get; set; } = [];

    /// <summary>Variables, which those of containers override.</summary>
    public IReadOnlyDictionary<string, string> Env { get; set; } = new Dictionary<string, string>();

    /// <summary>Directories that programs are looked for in, before those of the machine.</summary>
    public IReadOnlyList<string> Path { get; set; } = [];

    /// <summary>Directories of the image that programs write to: each container has its own, unless a volume is mounted there.</summary>
    public IReadOnlyList<string> Directories { get; set; } = [];

    /// <summary>User of this machine that its programs run as, when the node runs as root; null: who runs the node.</summary>
    public string? User { get; set; }

    /// <summary>Numbers that <see cref="User"/> has in the image: a manifest that names one of them means that user.</summary>
    public IReadOnlyList<long> UserIds { get; set; } = [];

    /// <summary>Signal that asks it to end; null: SIGTERM.</summary>
    public string? StopSignal { get; set; }

    /// <summary>Where programs start; null: the container's own directory.</summary>
    public string? WorkingDir { get; set; }

    /// <summary>Whether the image elsewhere starts as root; null: as it does here.</summary>
    [JsonIgnore]
    public bool? IsRoot { get; set; }

    /// <summary>Whether containers that must not run as root need another user than the image's.</summary>
    [JsonIgnore]
    public bool StartsAsRoot => IsRoot ?? (Environment.IsPrivilegedProcess && (User is null || UserAccount.Find(User)?.Id == 0));

    /// <summary>Why it cannot be run here, though it is known: pods are then simulated, and an event says this.</summary>
    [JsonIgnore]
    public string? Missing { get; set; }

    /// <summary>What people should know when it runs; null: nothing.</summary>
    [JsonIgnore]
    public string? Warning { get; set; }

    /// <summary>Whether an image of a pod is this one.</summary>
    public bool Matches(string image)
    {
        var (repository, tag) = ImageName.Split(image);
        var (ownRepository, ownTag) = ImageName.Split(Image);
        return (repository == ownRepository || repository.EndsWith('/' + ownRepository, StringComparison.Ordinal)) && (ownTag is null || ownTag == (tag ?? "latest"));
    }
}

/// <summary>Names of images.</summary>
internal static class ImageName
{
    /// <summary>Repository and tag; no tag where there is none, digests do not count.</summary>
    public static (string Repository, string? Tag) Split(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var name = digest < 0 ? image : image[..digest];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, null);
    }
}

/// <summary>File of images that a person gives.</summary>
internal sealed record ImagesFile
{
    public IReadOnlyList<KnownImage> Images { get; set; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ImagesFile))]
internal sealed partial class ImagesJson : JsonSerializerContext;
