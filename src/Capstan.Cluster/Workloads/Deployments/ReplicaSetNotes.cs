using System.Globalization;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>What a Deployment notes in the annotations of its sets: their revisions, and its own size when it sized them. Pure.</summary>
internal static class ReplicaSetNotes
{
    public const string Revision = "deployment.kubernetes.io/revision";

    private const string History = "deployment.kubernetes.io/revision-history";
    private const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    private const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const int HistoryLength = 2000;

    /// <summary>The size that the Deployment had; null if nobody wrote it, or nonsense.</summary>
    public static int? Desired(ReplicaSet set) => Number(set, DesiredReplicas);

    /// <summary>The most pods that the Deployment could have then.</summary>
    public static int? Max(ReplicaSet set) => Number(set, MaxReplicas);

    /// <summary>The revision; 0 if there is none, null if it is no number.</summary>
    public static long? RevisionOf(ReplicaSet set) =>
        set.Metadata.Annotations?.GetValueOrDefault(Revision) is not { } text ? 0
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision) ? revision : null;

    /// <summary>The highest revision of some sets.</summary>
    public static long LastOf(IEnumerable<ReplicaSet> sets) => sets.Select(static set => RevisionOf(set) ?? 0).DefaultIfEmpty().Max();

    public static string ToText(long revision) => revision.ToString(CultureInfo.InvariantCulture);

    /// <summary>The annotations that belong to one object only, and are not taken over.</summary>
    public static bool IsOwn(string annotation) => annotation is LastApplied or Revision or History or DesiredReplicas or MaxReplicas or Rollback.Annotation;

    /// <summary>Takes over the Deployment's annotations, and the revision, if it is later than the set's.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Follow(Deployment deployment, ReplicaSet set, long revision)
    {
        var notes = set.Metadata.Annotations ??= [];
        var changed = false;
        foreach (var (name, value) in deployment.Metadata.Annotations ?? [])
        {
            changed |= !IsOwn(name) && Note(notes, name, value);
        }

        if (RevisionOf(set) is not { } before || before >= revision)
        {
            return changed;
        }

        if (notes.TryGetValue(Revision, out var known))
        {
            // It was the Deployment's before, and is so again.
            Remember(notes, known);
        }

        notes[Revision] = ToText(revision);
        return true;
    }

    /// <summary>Notes the Deployment's size.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Size(ReplicaSet set, DeploymentSizes sizes)
    {
        var notes = set.Metadata.Annotations ??= [];
        return Note(notes, DesiredReplicas, ToText(sizes.Replicas)) | Note(notes, MaxReplicas, ToText(sizes.Replicas + sizes.MaxSurge));
    }

    /// <summary>Notes a Deployment's revision.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool SetRevision(Deployment deployment, string? revision) => revision is not null && Note(deployment.Metadata.Annotations ??= [], Revision, revision);

    private static bool Note(Dictionary<string, string> notes, string name, string value)
    {
        if (notes.TryGetValue(name, out var before) && before == value)
        {
            return false;
        }

        notes[name] = value;
        return true;
    }

    private static void Remember(Dictionary<string, string> notes, string revision)
    {
        var earlier = notes.GetValueOrDefault(History) is { Length: > 0 } text ? text.Split(',') : [];
        while (earlier.Length > 0 && earlier.Sum(static one => one.Length + 1) + revision.Length > HistoryLength)
        {
            earlier = earlier[1..];
        }

        notes[History] = string.Join(',', [.. earlier, revision]);
    }

    private static int? Number(ReplicaSet set, string name) =>
        set.Metadata.Annotations?.GetValueOrDefault(name) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
