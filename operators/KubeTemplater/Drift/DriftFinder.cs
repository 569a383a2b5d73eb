using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Compares what a template's status has on record with what is known of the live objects. Asks the server nothing. Thread-safe.</summary>
internal sealed class DriftFinder(LiveObjects live, Flapping flapping, DriftNotes notes)
{
    /// <summary>Whether anything differs, to be put right now or later.</summary>
    public bool Differs(IReadOnlyList<ResourceStatus> record) => record.Any(made => Compare(made) is not null);

    /// <summary>What is wrong with the objects of a template.</summary>
    public DriftFindings Of(KubeTemplate template)
    {
        Dictionary<ObjectIdentity, DriftKind>? due = null;
        TimeSpan? next = null;
        List<string>? restless = null;
        foreach (var made in template.Status?.Resources ?? [])
        {
            var identity = ObjectIdentity.Of(made);
            var kind = Compare(made);
            if (flapping.TimesOf(identity) is { } times)
            {
                (restless ??= []).Add($"{identity} was changed by {notes.WhoChanged(identity) ?? "others"} and put right again and again ({times} times)");
                next = Sooner(next, flapping.CalmIn(identity));
            }

            if (kind is not { } drift)
            {
                continue;
            }

            var wait = flapping.WaitOf(identity);
            if (wait > TimeSpan.Zero)
            {
                next = Sooner(next, wait);
            }
            else
            {
                (due ??= [])[identity] = drift;
            }
        }

        return due is null && next is null && restless is null ? DriftFindings.None : new(due ?? [], string.Join("; ", restless ?? []), next);
    }

    private static TimeSpan Sooner(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    private DriftKind? Compare(ResourceStatus made)
    {
        if (made is not { Uid: { } uid, State: ResourceStates.Applied or ResourceStates.Ready } || !live.TryFind(made, out var found))
        {
            return null;
        }

        return found is not { } known ? DriftKind.Gone
            : known.Uid != uid ? DriftKind.Replaced
            : made.AppliedHash is { } hash && known.Hash.ToString() != hash ? DriftKind.Changed
            : null;
    }
}
