using System.Collections.Concurrent;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Recovery;

/// <summary>Knows which templates somebody else may have worked on without saying so: a replica that was killed before it wrote the status, or the Go operator, which
/// recorded no objects. Their objects are looked at before they are applied, so that what is right already is not applied again.</summary>
/// <remarks>Thread-safe. Templates that come while they are this replica's to work on are not looked at: they cost their applies and one status.</remarks>
internal sealed class EarlierWork
{
    // By key: uid and generation of a version that came while another replica may have worked on it, and of which no status tells.
    private readonly ConcurrentDictionary<ObjectKey, (string?, long?)> _unreported = new();

    /// <summary>Takes note of what is unreported, from the first list on; so this comes before the informer starts.</summary>
    /// <param name="templates">The templates.</param>
    /// <param name="ownership">Which of them are this replica's to work on.</param>
    public EarlierWork(Informer templates, KeyOwnership ownership) => templates.AddHandler(change =>
    {
        if (change.New is null)
        {
            _unreported.TryRemove(change.Key, out _);
            return;
        }

        // To read one costs: what is this replica's own, and was from the begin, needs no look.
        var mayBeAnothers = change.IsInInitialList || !ownership.Has(change.Key);
        if (!mayBeAnothers && !_unreported.ContainsKey(change.Key))
        {
            return;
        }

        if (IsReported(change.New))
        {
            _unreported.TryRemove(change.Key, out _);
        }
        else if (mayBeAnothers)
        {
            _unreported[change.Key] = (change.New.Uid, change.New.Generation);
        }
    });

    /// <summary>The object, if it may be another's work; null: there is nothing to look for, or it is not there.</summary>
    /// <exception cref="TemplateException">It may not be read.</exception>
    public async Task<DynamicObject?> FindAsync(Target target, CancellationToken cancellationToken)
    {
        if (IsReported(target.Template) || !(IsFromGo(target.Template) || (_unreported.TryGetValue(target.Template.Key, out var version) && version == VersionOf(target.Template))))
        {
            return null;
        }

        try
        {
            return await target.Client.FindAsync(target.Type, target.Key, cancellationToken);
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            // Who may not look can still apply.
            return null;
        }
        catch (ApiException e)
        {
            throw target.Refused(e, "cannot see whether it is applied: ");
        }
    }

    /// <summary>The entry, with the object on record if it was made of it: then what others took of it is taken back as drift, and no conflict.</summary>
    public static Target WithRecord(Target target, DynamicObject live)
    {
        // The Go operator lost the labels when it corrected drift; its field manager is left.
        var isOurs = Tracking.Marks(live.Labels, target.Template.Key)
            || (IsFromGo(target.Template) && !live.Labels.ContainsKey(Tracking.NameLabel) && ManagedFields.Ours(live.ToJson()) is not null);
        return target.Recorded is null && isOurs ? target with { Recorded = new ResourceStatus { Uid = live.Uid } } : target;
    }

    /// <summary>Whether the Go operator wrote the status: it observed no generation, and recorded no objects.</summary>
    public static bool IsFromGo(KubeTemplate template) =>
        template.Status is { ObservedGeneration: null, Resources: null } status
        && (status.AppliedSpecHash is { Length: > 0 } || status.ProcessingPhase is Phases.Completed or Phases.Failed or Phases.Paused);

    /// <summary>Whether the status tells what became of this spec. One that was written before the first apply, for the record alone, does not.</summary>
    private static bool IsReported(KubeTemplate template) =>
        template.Status is { } status && status.ObservedGeneration == template.Metadata.Generation && status.Resources?.All(made => made.State is not null) != false;

    private static bool IsReported(DynamicObject template) =>
        TemplateText.ObservedGenerationOf(template) == template.Generation && TemplateText.RecordOf(template).All(made => made.State is not null);

    private static (string?, long?) VersionOf(KubeTemplate template) => (template.Metadata.Uid, template.Metadata.Generation);
}
