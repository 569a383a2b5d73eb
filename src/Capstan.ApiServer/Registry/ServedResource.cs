using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>One resource in one version: what discovery says of it, and the rules by which its objects are written and shown. Immutable.</summary>
internal sealed class ServedResource
{
    /// <summary>Verbs of an ordinary resource.</summary>
    public static readonly IReadOnlyList<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Verbs of a status or scale subresource.</summary>
    public static readonly IReadOnlyList<string> SubresourceVerbs = ["get", "patch", "update"];

    /// <summary>Group, version, kind, plural and scope.</summary>
    public required ResourceType Type { get; init; }

    /// <summary>Lower-case singular, for example <c>configmap</c>.</summary>
    public required string Singular { get; init; }

    /// <summary>Kind of its lists, for example <c>ConfigMapList</c>.</summary>
    public required string ListKind { get; init; }

    /// <summary>Abbreviations, for example <c>cm</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups of resources for people, for example <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Verbs of the resource itself, in the order in which discovery lists them. A verb that is not here is 405.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Structure of the objects.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Defaults, validation and the rest of the behaviour of the kind.</summary>
    public required KindRules Rules { get; init; }

    /// <summary>Subresources, <c>status</c> and <c>scale</c> among them, in the order in which discovery lists them.</summary>
    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    /// <summary>Where <c>scale</c> reads and writes; null when the resource has no scale.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Columns of a table in their order, without the namespace (which <c>kubectl</c> adds).</summary>
    public required IReadOnlyList<TableColumn> Columns { get; init; }

    /// <summary>Whether the objects are custom resources.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Why nothing may be created now (403); null when it may.</summary>
    public string? CreateRefusal { get; init; }

    /// <summary>Group, version and kind in which objects are stored: the same for all versions of a resource, and for the two groups that serve events.</summary>
    public required GroupVersionKind StorageKind { get; init; }

    /// <summary>Where the objects are stored: the same for all resources that share a <see cref="StorageKind"/>.</summary>
    public GroupResource Bucket => new(StorageKind.Group, Type.Plural);

    /// <summary>All versions that a definition declares, served or not, by <c>group/version</c>; null for a built-in kind.</summary>
    public IReadOnlyDictionary<string, DeclaredVersion>? Declared { get; init; }

    /// <summary>The revision since which the definition shapes its objects as it does now; null for a built-in kind.</summary>
    public long? Since { get; init; }

    /// <summary>Text of a <c>Warning</c> header on each request; null when the version is not deprecated.</summary>
    public string? DeprecationWarning { get; init; }

    /// <summary>Whether <c>status</c> is a subresource.</summary>
    public bool HasStatus => FindSubresource("status") is not null;

    /// <summary>Whether <c>scale</c> is a subresource.</summary>
    public bool HasScale => Scale is not null;

    /// <summary>The subresource of this name; null when there is none.</summary>
    public Subresource? FindSubresource(string name) => Subresources.FirstOrDefault(s => s.Name == name);

    /// <summary>Turns a stored object, in place, into one of this version.</summary>
    public void FromStorage(JsonObject stored)
    {
        Rules.FromStorage(stored);
        stored["apiVersion"] = Type.ApiVersion;
        stored["kind"] = Type.Kind;
    }

    /// <summary>Turns an object of this version, in place, into what is stored.</summary>
    public void ToStorage(JsonObject obj)
    {
        Rules.ToStorage(obj);
        obj["apiVersion"] = StorageKind.ApiVersion;
    }
}

/// <summary>A subresource: its name, the kind that is read and written there, and its verbs in alphabetical order.</summary>
internal sealed record Subresource(string Name, GroupVersionKind Kind, IReadOnlyList<string> Verbs);

/// <summary>A version of a custom resource, whether it is served or not.</summary>
/// <param name="Schema">Structure of its objects, with apiVersion, kind and metadata.</param>
/// <param name="Scale">Where its scale is; null without one.</param>
internal sealed record DeclaredVersion(Schema Schema, ScalePaths? Scale);

/// <summary>Where an <c>autoscaling/v1</c> Scale reads and writes in the object, as field names from the root.</summary>
/// <param name="SpecReplicas">The desired number.</param>
/// <param name="StatusReplicas">The observed number.</param>
/// <param name="Selector">The selector, as text or as a LabelSelector; null when the resource has none.</param>
internal sealed record ScalePaths(IReadOnlyList<string> SpecReplicas, IReadOnlyList<string> StatusReplicas, IReadOnlyList<string>? Selector);
