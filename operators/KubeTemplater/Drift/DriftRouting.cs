using Capstan;
using Capstan.Caching;
using Capstan.Queueing;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Brings what happens to live objects to the queue, as the templates that made them. Thread-safe.</summary>
internal sealed class DriftRouting(
    ObjectCache<DynamicObject> templates, ClaimBook claims, KindsInUse kinds, DriftNotes notes, AwaitedObjects awaited)
{
    private Action<ObjectKey, Priority>? _run;

    /// <summary>From now on templates are asked for with <paramref name="run"/>.</summary>
    public void Attach(Action<ObjectKey, Priority> run) => _run = run;

    /// <summary>Asks for a run of a template.</summary>
    public void Ask(ObjectKey template, Priority priority) => _run?.Invoke(template, priority);

    /// <summary>Our part of an object changed, or the object came or went.</summary>
    public void Take(GroupVersionKind kind, CacheChange change)
    {
        if (change.IsInInitialList)
        {
            // All of them are looked at together, once the list is complete.
            return;
        }

        var identity = new ObjectIdentity(kind.Group, kind.Kind, change.Key.Namespace, change.Key.Name);
        notes.Take(identity, change);

        // For an object that is flapping too: the run asks nothing of the server, and sees to it that there is one when the wait is over.
        Ask(identity, change, awaited.Contains(kind, change.Key) ? Priority.Retry : Priority.Drift);
    }

    /// <summary>The objects of a kind are known from now on: some may have changed before.</summary>
    public void TakeAll(GroupVersionKind kind, Func<IReadOnlyList<ResourceStatus>, bool> differs)
    {
        foreach (var key in kinds.TemplatesOf(kind))
        {
            if (templates.Get(key) is { } template && (TemplateText.PhaseOf(template) == Phases.Processing || differs(TemplateText.RecordOf(template))))
            {
                Ask(key, Priority.Drift);
            }
        }
    }

    private void Ask(ObjectIdentity identity, CacheChange change, Priority priority)
    {
        if (NamedBy(change.Latest) is { } named && templates.Get(named) is { } maker && Made(maker, identity))
        {
            Ask(named, priority);
            return;
        }

        // Somebody changed the labels, or the object went while nobody watched.
        foreach (var key in claims.Claimants(identity))
        {
            Ask(key, priority);
        }
    }

    private static ObjectKey? NamedBy(DynamicObject live)
    {
        if (!live.Labels.TryGetValue(Tracking.NameLabel, out var name) || !live.Labels.TryGetValue(Tracking.NamespaceLabel, out var space))
        {
            return null;
        }

        var full = live.Annotations.GetValueOrDefault(Tracking.FullNameAnnotation);
        return new(space, full is not null && full.StartsWith($"{space}/", StringComparison.Ordinal) ? full[(space.Length + 1)..] : name);
    }

    private static bool Made(DynamicObject template, ObjectIdentity identity) =>
        TemplateText.RecordOf(template).Any(made => ObjectIdentity.Of(made) == identity);
}
