using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>In which order the entries of a template are applied, and what each waits for. Pure: admission and worker find the same.</summary>
/// <remarks>
/// <para>Namespaces come first, then CustomResourceDefinitions, then the rest; an entry that depends on one of a later kind moves behind it. Besides <c>dependsOn</c>,
/// an object waits for its namespace, and a custom resource for its definition, if this template has them.</para>
/// <para>Entries of one step do not wait for each other.</para>
/// </remarks>
internal sealed class Plan
{
    private readonly Dictionary<Manifest, IReadOnlyList<Manifest>>? _needs;
    private readonly HashSet<Manifest>? _definitions;

    private Plan(IReadOnlyList<IReadOnlyList<Manifest>> steps, Dependencies? dependencies)
    {
        Steps = steps;
        _needs = dependencies?.Needs;
        _definitions = dependencies?.Definitions;
    }

    /// <summary>The entries, step by step.</summary>
    public IReadOnlyList<IReadOnlyList<Manifest>> Steps { get; }

    /// <summary>What an entry waits for.</summary>
    public IReadOnlyList<Manifest> NeedsOf(Manifest manifest) => _needs is null ? [] : _needs[manifest];

    /// <summary>Whether those that depend on the entry wait until it is ready: it says so, or it defines kinds that are used.</summary>
    public bool MustBeReady(Manifest manifest) => manifest.Entry.WaitFor == "Ready" || _definitions?.Contains(manifest) == true;

    /// <summary>The plan of entries in which <see cref="Faults"/> finds nothing.</summary>
    public static Plan Of(IReadOnlyList<Manifest> manifests)
    {
        if (manifests.All(IsIndependent))
        {
            return new(manifests.Count == 0 ? [] : [manifests], dependencies: null);
        }

        var dependencies = new Dependencies(manifests);
        var ranks = new Dictionary<Manifest, (int Class, int Depth)>(ReferenceEqualityComparer.Instance);
        foreach (var manifest in manifests)
        {
            Rank(manifest);
        }

        return new([.. manifests.GroupBy(m => ranks[m]).OrderBy(g => g.Key).Select(g => (IReadOnlyList<Manifest>)[.. g])], dependencies);

        // As deep as there are entries: their number is bounded, and there are no cycles.
        (int Class, int Depth) Rank(Manifest manifest)
        {
            if (ranks.TryGetValue(manifest, out var known))
            {
                return known;
            }

            var before = dependencies.Needs[manifest].Select(Rank).ToList();
            var kindClass = before.Select(rank => rank.Class).Append(ClassOf(manifest.Kind.Group, manifest.Kind.Kind)).Max();
            return ranks[manifest] = (kindClass, before.Where(rank => rank.Class == kindClass).Select(rank => rank.Depth + 1).DefaultIfEmpty(0).Max());
        }
    }

    /// <summary>What is wrong with the entries taken together: ids, dependencies, fields to ignore, and objects that are named twice.</summary>
    /// <param name="entries">All entries.</param>
    /// <param name="manifests">Those of them that could be read.</param>
    public static IReadOnlyList<TemplateException> Faults(IReadOnlyList<TemplateEntry> entries, IReadOnlyList<Manifest> manifests)
    {
        if (manifests.All(IsIndependent) && entries.All(static entry => entry is { Id: null or "", IgnoreFields: null or [] }) && AreOfDifferentObjects(manifests))
        {
            // As most templates are.
            return [];
        }

        var ids = entries.Select((entry, index) => Manifest.IdOf(entry, index)).ToList();
        var known = ids.ToHashSet(StringComparer.Ordinal);
        List<string> faults = [];
        faults.AddRange(ids.GroupBy(id => id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"duplicate id {g.Key}"));
        var twice = faults.Count > 0;
        faults.AddRange(manifests.GroupBy(m => m.Identity).Where(g => g.Count() > 1).Select(g => $"{string.Join(", ", g.Select(m => $"template[{m.Index}]"))}: the same object, {g.Key}"));
        faults.AddRange(
            from m in manifests
            from id in m.Entry.DependsOn ?? []
            where !known.Contains(id)
            select $"{m}: dependsOn names no entry: {id}");
        faults.AddRange(
            from m in manifests
            from pointer in m.Entry.IgnoreFields ?? []
            let fault = FieldRelease.FaultOf(pointer)
            where fault is not null
            select $"{m}: {fault}");
        if (!twice && Cycle(manifests) is { } cycle)
        {
            faults.Add($"dependsOn is a cycle: {string.Join(" -> ", cycle.Select(m => m.Id))}");
        }

        return [.. faults.Select(fault => new TemplateException(FailureReasons.InvalidTemplate, fault))];
    }

    /// <summary>0 for namespaces, 1 for definitions, 2 for the rest: what is in lower ones is there before higher ones, and goes after them.</summary>
    public static int ClassOf(string group, string kind) => (group, kind) switch
    {
        ("", "Namespace") => 0,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => 1,
        _ => 2,
    };

    /// <summary>Whether it waits for none of its template, and none for it by its kind.</summary>
    private static bool IsIndependent(Manifest manifest) => manifest.Entry.DependsOn is null or [] && ClassOf(manifest.Kind.Group, manifest.Kind.Kind) == 2;

    private static bool AreOfDifferentObjects(IReadOnlyList<Manifest> manifests)
    {
        for (var one = 1; one < manifests.Count; one++)
        {
            for (var other = 0; other < one; other++)
            {
                if (manifests[one].Identity == manifests[other].Identity)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static List<Manifest>? Cycle(IReadOnlyList<Manifest> manifests)
    {
        var needs = new Dependencies(manifests).Needs;
        var done = new HashSet<Manifest>(ReferenceEqualityComparer.Instance);
        var path = new List<Manifest>();
        foreach (var manifest in manifests)
        {
            if (Visit(manifest) is { } cycle)
            {
                return cycle;
            }
        }

        return null;

        List<Manifest>? Visit(Manifest manifest)
        {
            if (path.FindIndex(one => ReferenceEquals(one, manifest)) is >= 0 and var start)
            {
                return [.. path[start..], manifest];
            }

            if (!done.Add(manifest))
            {
                return null;
            }

            path.Add(manifest);
            var found = needs[manifest].Select(Visit).FirstOrDefault(cycle => cycle is not null);
            path.RemoveAt(path.Count - 1);
            return found;
        }
    }

    /// <summary>Who waits for whom; ids that name nothing are left out.</summary>
    private sealed class Dependencies
    {
        public Dependencies(IReadOnlyList<Manifest> manifests)
        {
            var byId = manifests.ToLookup(m => m.Id, StringComparer.Ordinal);
            var namespaces = manifests.Where(m => ClassOf(m.Kind.Group, m.Kind.Kind) == 0).ToLookup(m => m.Key.Name, StringComparer.Ordinal);
            var definitions = manifests.Where(m => ClassOf(m.Kind.Group, m.Kind.Kind) == 1).ToLookup(m => m.Defines);
            foreach (var manifest in manifests)
            {
                var definition = definitions[(manifest.Kind.Group, manifest.Kind.Kind)].ToList();
                Definitions.UnionWith(definition);
                var home = manifest.Namespaced == false || ClassOf(manifest.Kind.Group, manifest.Kind.Kind) < 2 ? [] : namespaces[manifest.Key.Namespace];
                Needs[manifest] = [.. (manifest.Entry.DependsOn ?? []).SelectMany(id => byId[id]).Concat(definition).Concat(home).Distinct<Manifest>(ReferenceEqualityComparer.Instance)];
            }
        }

        public Dictionary<Manifest, IReadOnlyList<Manifest>> Needs { get; } = new(ReferenceEqualityComparer.Instance);

        public HashSet<Manifest> Definitions { get; } = new(ReferenceEqualityComparer.Instance);
    }
}
