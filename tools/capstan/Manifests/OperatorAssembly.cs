using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Tool.Manifests;

/// <summary>The kinds and rights that a built assembly declares.</summary>
/// <remarks>The assembly's code is loaded, and the static properties of its kinds run.</remarks>
internal sealed class OperatorAssembly
{
    private readonly Type[] _types;
    private readonly Assembly _assembly;

    private OperatorAssembly(Assembly assembly)
    {
        _assembly = assembly;
        try
        {
            _types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new CannotRunException($"{assembly.Location}: a type cannot be loaded: {e.LoaderExceptions[0]?.Message}");
        }
    }

    /// <summary>The kinds, in the order of their names.</summary>
    public IEnumerable<Kind> Kinds => _types
        .Where(type => type.IsSubclassOf(typeof(KubeObject)) && type is { IsAbstract: false, IsGenericTypeDefinition: false })
        .Where(type => type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IKubeObject<>)))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => new Kind(type, Static<ResourceType>(type, "Resource"), Static<JsonTypeInfo>(type, "JsonTypeInfo")));

    /// <summary>The rights, those of classes in the order of the classes' names.</summary>
    public IEnumerable<RbacAttribute> Rights => _assembly.GetCustomAttributes<RbacAttribute>()
        .Concat(_types.OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(type => type.GetCustomAttributes<RbacAttribute>(inherit: false)));

    /// <summary>Loads an assembly from a file, beside which its own dependencies lie.</summary>
    /// <exception cref="CannotRunException">It is not there, or no .NET assembly, or was built for another version of Capstan.</exception>
    public static OperatorAssembly Load(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new CannotRunException($"{path}: there is no such file (build the project first, and name its .dll)");
        }

        try
        {
            return new(new BesideTheTool(full).LoadFromAssemblyPath(full));
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException or FileNotFoundException)
        {
            throw new CannotRunException($"{path}: {e.Message}");
        }
    }

    private static T Static<T>(Type kind, string name) =>
        kind.GetProperty(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null) is T value
            ? value
            : throw new CannotRunException($"{kind.FullName}: {name} must be a static property of the type itself, and not null");

    /// <summary>One kind as the assembly has it.</summary>
    /// <param name="Type">The C# type.</param>
    /// <param name="Resource">Where it is served.</param>
    /// <param name="Contract">How it is written as JSON.</param>
    public sealed record Kind(Type Type, ResourceType Resource, JsonTypeInfo Contract);

    /// <summary>What the tool itself is made of must be the tool's (attributes are compared by type); all else comes from beside the assembly.</summary>
    private sealed class BesideTheTool(string path) : AssemblyLoadContext("manifests")
    {
        private readonly AssemblyDependencyResolver _beside = new(path);

        protected override Assembly? Load(AssemblyName name) =>
            name.Name is { } simple && simple.StartsWith("Capstan.", StringComparison.Ordinal) ? null
            : _beside.ResolveAssemblyToPath(name) is { } found ? LoadFromAssemblyPath(found)
            : null;
    }
}
