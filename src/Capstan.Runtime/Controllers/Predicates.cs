namespace Capstan;

/// <summary>Filters of changes for <see cref="ControllerBuilder"/>. Each gets the object before (null: new) and now (null: gone).</summary>
/// <remarks>Those that compare let through everything that is not a change of one and the same object: what is new, what is gone, and another object of the
/// same name. Pure and thread-safe.</remarks>
public static class Predicates
{
    /// <summary>The desired state has changed: status, and what only metadata has, does not count. Kinds without a generation pass always.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> GenerationChanged { get; } =
        Changed(static (old, now) => old.Generation != now.Generation || now.Generation == 0);

    /// <summary>The stored object has changed: a replay of what is known does not count.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> ResourceVersionChanged { get; } =
        Changed(static (old, now) => old.ResourceVersion != now.ResourceVersion);

    /// <summary>A label has changed, come or gone.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> LabelsChanged { get; } = Changed(static (old, now) => !Same(old.Labels, now.Labels));

    /// <summary>An annotation has changed, come or gone.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> AnnotationsChanged { get; } = Changed(static (old, now) => !Same(old.Annotations, now.Annotations));

    /// <summary>The object is as wanted, or was: one that has ceased to be is seen once more.</summary>
    /// <param name="wanted">Gets an object, before or now.</param>
    public static Func<DynamicObject?, DynamicObject?, bool> Object(Func<DynamicObject, bool> wanted) =>
        (old, now) => (now is not null && wanted(now)) || (old is not null && wanted(old));

    /// <summary>All let the change through. With none: every change passes.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> And(params IReadOnlyList<Func<DynamicObject?, DynamicObject?, bool>> predicates) =>
        (old, now) => predicates.All(predicate => predicate(old, now));

    /// <summary>One at least lets the change through. With none: no change passes.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> Or(params IReadOnlyList<Func<DynamicObject?, DynamicObject?, bool>> predicates) =>
        (old, now) => predicates.Any(predicate => predicate(old, now));

    /// <summary>The other does not let the change through.</summary>
    public static Func<DynamicObject?, DynamicObject?, bool> Not(Func<DynamicObject?, DynamicObject?, bool> predicate) => (old, now) => !predicate(old, now);

    private static Func<DynamicObject?, DynamicObject?, bool> Changed(Func<DynamicObject, DynamicObject, bool> differs) =>
        (old, now) => old is null || now is null || old.Uid != now.Uid || differs(old, now);

    private static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
