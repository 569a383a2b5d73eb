using Capstan.Kinds;

namespace Capstan.Tool.Templates;

/// <summary>Which kinds have a namespace, as far as it is known without a cluster: Kubernetes' own, those of definitions among the files, and those that a person names.</summary>
internal sealed class KnownKinds
{
    private readonly Dictionary<(string Group, string Kind), bool> _namespaced = [];

    /// <param name="definitions">Manifests; those that define kinds are taken.</param>
    /// <param name="namespaced">Further kinds with a namespace, for example <c>Shop.example.com</c>.</param>
    /// <param name="clusterScoped">Further kinds without one.</param>
    public KnownKinds(IEnumerable<PlacedManifest> definitions, IEnumerable<string> namespaced, IEnumerable<string> clusterScoped)
    {
        foreach (var resource in BuiltInKinds.Resources)
        {
            _namespaced[(resource.Type.Group, resource.Type.Kind)] = resource.Type.Namespaced;
        }

        foreach (var spec in definitions.Where(manifest => manifest.Kind == "CustomResourceDefinition.apiextensions.k8s.io").Select(manifest => manifest.Json!["spec"]))
        {
            if (PlacedManifest.TextOf(spec?["group"]) is { } group && PlacedManifest.TextOf(spec?["names"]?["kind"]) is { } kind)
            {
                _namespaced[(group, kind)] = PlacedManifest.TextOf(spec?["scope"]) == "Namespaced";
            }
        }

        foreach (var (name, value) in namespaced.Select(name => (name, true)).Concat(clusterScoped.Select(name => (name, false))))
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            _namespaced[dot < 0 ? ("", name) : (name[(dot + 1)..], name[..dot])] = value;
        }

        // Ours come without their definitions.
        _namespaced.TryAdd(("kubetemplater.io", "KubeTemplate"), true);
        _namespaced.TryAdd(("kubetemplater.io", "KubeTemplatePolicy"), true);
    }

    /// <summary>Kinds that were asked for and are not known.</summary>
    public SortedSet<string> Unknown { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether objects of a kind live in a namespace; null when it is not known.</summary>
    public bool? IsNamespaced(GroupVersionKind kind)
    {
        if (_namespaced.TryGetValue((kind.Group, kind.Kind), out var known))
        {
            return known;
        }

        Unknown.Add(kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}");
        return null;
    }
}
