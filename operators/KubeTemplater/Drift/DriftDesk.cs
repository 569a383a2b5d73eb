using System.Collections.Concurrent;
using Capstan;
using Capstan.Applying;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>What a run of a template asks before it, and tells after it, about drift. Thread-safe.</summary>
internal sealed class DriftDesk(
    DriftFinder finder, LiveObjects live, Flapping flapping, DriftNotes notes, AwaitedObjects awaited, DriftMetrics metrics, EventRecorder events, TimeProvider time)
{
    /// <summary>Condition type: objects are changed by others again and again, and are put right more and more seldom. There is none otherwise.</summary>
    public const string FlappingCondition = "Flapping";

    // Found, and not put right yet: so that a correction that is tried again is not counted again.
    private readonly ConcurrentDictionary<ObjectIdentity, byte> _open = new();

    /// <summary>What is wrong with the objects of a template, as far as is known without asking the server.</summary>
    public DriftFindings Of(KubeTemplate template)
    {
        var found = finder.Of(template);
        foreach (var (identity, kind) in found.Due)
        {
            if (_open.TryAdd(identity, 0))
            {
                metrics.Detected(kind);
            }
        }

        return found;
    }

    /// <summary>Whether there is nothing to do about them and nothing to say.</summary>
    public static bool IsQuiet(KubeTemplate template, DriftFindings found) => found.Due.Count == 0 && SaysFlapping(template) == found.Flapping;

    /// <summary>A run ended. Counts what was put right, and tells of it.</summary>
    /// <param name="template">The template as it was before.</param>
    /// <param name="found">What was wrong.</param>
    /// <param name="result">What the run did.</param>
    /// <returns>The template with what its status is to say about drift; the rest of its status is the caller's.</returns>
    public KubeTemplate Settle(KubeTemplate template, DriftFindings found, RunResult result)
    {
        awaited.Set(template.Key, result.Waiting is null ? null : result.Resources);
        var corrected = 0;
        foreach (var resource in result.Resources)
        {
            live.Forget(resource);
            var identity = ObjectIdentity.Of(resource);
            if (!found.Due.TryGetValue(identity, out var kind))
            {
                continue;
            }

            var succeeded = resource.State is ResourceStates.Applied or ResourceStates.Ready;
            metrics.Corrected(succeeded);
            if (succeeded)
            {
                corrected++;
                Tell(template, identity, kind);
                flapping.Corrected(identity);
                _open.TryRemove(identity, out _);
            }
        }

        return WithDrift(template, corrected);
    }

    /// <summary>When a template of which all is applied is to be looked at again, if nothing happens before.</summary>
    public ReconcileResult Next(KubeTemplate template) => Next(finder.Of(template));

    /// <summary>The same, for what was found a moment ago.</summary>
    public static ReconcileResult Next(DriftFindings found) => found.LookAgain is { } wait ? ReconcileResult.After(wait) : ReconcileResult.Done;

    /// <summary>The template is gone.</summary>
    public void Forget(ObjectKey template) => awaited.Set(template, null);

    private static string SaysFlapping(KubeTemplate template) => Conditions.Find(template.Status?.Conditions, FlappingCondition)?.Message ?? "";

    private KubeTemplate WithDrift(KubeTemplate template, int corrected)
    {
        var now = KubeTime.Truncate(time.GetUtcNow());
        var flaps = finder.Of(template).Flapping;
        if (corrected == 0 && flaps == SaysFlapping(template))
        {
            return template;
        }

        var status = template.Status ?? new();
        var conditions = new List<Condition>(status.Conditions ?? []);
        if (flaps.Length == 0)
        {
            Conditions.Remove(conditions, FlappingCondition);
        }
        else
        {
            Conditions.Set(conditions, new()
            {
                Type = FlappingCondition,
                Status = "True",
                Reason = "ChangedByOthers",
                Message = flaps,
                ObservedGeneration = template.Metadata.Generation,
                LastTransitionTime = now,
            });
        }

        return template with
        {
            Status = status with
            {
                Conditions = conditions,
                LastDriftDetected = corrected > 0 ? now : status.LastDriftDetected,
                DriftDetectionCount = corrected > 0 ? status.DriftDetectionCount.GetValueOrDefault() + corrected : status.DriftDetectionCount,
            },
        };
    }

    private void Tell(KubeTemplate template, ObjectIdentity identity, DriftKind kind)
    {
        var by = notes.WhoChanged(identity) is { } manager ? $" by {manager}" : "";
        events.Normal(ObjectReference.To(template), "DriftCorrected", "Correct", kind switch
        {
            DriftKind.Changed => $"{identity} was changed{by}, and is as wanted again",
            DriftKind.Gone => $"{identity} was deleted or lost its label, and is there again",
            _ => $"{identity} was replaced by another object, and is as wanted again",
        });
    }
}
