using Capstan;
using Capstan.Caching;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Which kinds the templates have made objects of, as their status says. Thread-safe.</summary>
internal sealed class KindsInUse
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, IReadOnlyList<GroupVersionKind>> _byTemplate = [];
    private readonly Dictionary<GroupVersionKind, int> _templates = [];
    private IReadOnlyList<GroupVersionKind> _last = [];

    /// <summary>Raised when a kind came into use, or is in use no more.</summary>
    public event Action? Changed;

    /// <summary>The kinds in use.</summary>
    public IReadOnlySet<GroupVersionKind> Now
    {
        get
        {
            lock (_lock)
            {
                return _templates.Keys.ToHashSet();
            }
        }
    }

    /// <summary>A template came, changed or went.</summary>
    public void Take(CacheChange change)
    {
        var after = change.New is null ? [] : KindsOf(change.New);
        bool differs;
        lock (_lock)
        {
            after = Shared_NeedsLock(after);
            var before = _byTemplate.GetValueOrDefault(change.Key) ?? [];
            differs = after.Where(kind => !before.Contains(kind)).Count(Add_NeedsLock) + before.Where(kind => !after.Contains(kind)).Count(Remove_NeedsLock) > 0;
            if (after.Count > 0)
            {
                _byTemplate[change.Key] = after;
            }
            else
            {
                _byTemplate.Remove(change.Key);
            }
        }

        if (differs)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>The templates that have made objects of a kind.</summary>
    public IReadOnlyList<ObjectKey> TemplatesOf(GroupVersionKind kind)
    {
        lock (_lock)
        {
            return [.. _byTemplate.Where(one => one.Value.Contains(kind)).Select(one => one.Key)];
        }
    }

    private static IReadOnlyList<GroupVersionKind> KindsOf(DynamicObject template) =>
        [.. TemplateText.RecordOf(template).Where(made => made.Uid is not null).Select(LiveObjects.KindOf).Distinct()];

    /// <summary>Templates that come one after another mostly have the same kinds: then one list serves them all.</summary>
    private IReadOnlyList<GroupVersionKind> Shared_NeedsLock(IReadOnlyList<GroupVersionKind> kinds) => kinds.SequenceEqual(_last) ? _last : _last = kinds;

    /// <returns>Whether the kind was not in use.</returns>
    private bool Add_NeedsLock(GroupVersionKind kind) => (_templates[kind] = _templates.GetValueOrDefault(kind) + 1) == 1;

    /// <returns>Whether the kind is in use no more.</returns>
    private bool Remove_NeedsLock(GroupVersionKind kind) => --_templates[kind] == 0 && _templates.Remove(kind);
}
