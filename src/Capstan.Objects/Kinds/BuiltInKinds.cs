using Capstan.Schemas;

namespace Capstan.Kinds;

/// <summary>Facts about the kinds that Kubernetes itself serves (1.36, its stable groups): schemas and resources, from tables that make-table.py reads off a real server.</summary>
/// <remarks>Nothing is read before it is asked for, and of the types only those that are reached. Safe to use from all threads. Schemas are shared: do not change them.
/// A schema may contain itself (JSONSchemaProps), so walk along a value, never along the schema alone.</remarks>
public static class BuiltInKinds
{
    /// <summary>The metadata of every object.</summary>
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>A time with six digits after the seconds.</summary>
    public const string MicroTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";

    /// <summary>An amount such as 500m or 2Gi.</summary>
    public const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

    private static readonly Lazy<TypeTable> Types = new(() => new TypeTable(ReadTable("types.txt")));
    private static readonly Lazy<Dictionary<string, ZeroFields>> Zeros = new(() => ZeroTable.Read(ReadTable("zeros.txt")));
    private static readonly Lazy<IReadOnlyList<BuiltInResource>> AllResources = new(() => ResourceTable.Read(ReadTable("resources.txt")));

    /// <summary>Every built-in resource, in the order of a real server's discovery.</summary>
    public static IReadOnlyList<BuiltInResource> Resources => AllResources.Value;

    /// <summary>Names of all built-in types, sorted.</summary>
    public static IEnumerable<string> TypeNames => Types.Value.Names;

    /// <summary>The schema of a built-in kind or of its list; null when there is no such kind.</summary>
    /// <remarks>Defaults in it are those of the OpenAPI document: mostly Go's zero values, which the server merges by but does not write into objects.</remarks>
    public static Schema? SchemaOf(GroupVersionKind kind) => Types.Value.NameOf(kind) is { } name ? Types.Value.Get(name) : null;

    /// <summary>The schema of a built-in type, for example <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public static Schema TypeNamed(string name) => Types.Value.Get(name);

    /// <summary>The name of the type of a built-in kind; null when there is no such kind.</summary>
    public static string? TypeNameOf(GroupVersionKind kind) => Types.Value.NameOf(kind);

    /// <summary>How the fields of a type write zero values; null when nothing is known of it.</summary>
    /// <param name="typeName">The type, for example <c>io.k8s.api.core.v1.PodSpec</c>; null is no type.</param>
    public static ZeroFields? ZeroFieldsOf(string? typeName) => typeName is null ? null : Zeros.Value.GetValueOrDefault(typeName);

    private static string ReadTable(string name)
    {
        using var stream = typeof(BuiltInKinds).Assembly.GetManifestResourceStream($"Capstan.Kinds.{name}")
            ?? throw new InvalidOperationException($"the table {name} is not part of this build");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
