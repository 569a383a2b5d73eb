using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Whose turn it is to take up a new image: of the Databases of one environment that want the same, so many at once.</summary>
/// <remarks>One whose servers do not come up with it keeps its place, so that a bad image goes no further. Databases without an environment do not wait. Thread-safe.</remarks>
/// <param name="databases">Finds the others by the indexes of the cache: no request, and no look at those that want something else.</param>
/// <param name="owned">Has the StatefulSets, which tell who has begun, also before a restart of the operator.</param>
/// <param name="atOnce">Databases of an environment at once; 0: all.</param>
internal sealed class Rollouts(DatabaseQueries databases, OwnedObjects owned, int atOnce)
{
    public const string Waits = "RolloutWaits";

    /// <summary>When to look again whether it is its turn.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, string> _given = [];

    /// <summary>Why a Database waits; null when it is its turn, which it then has.</summary>
    public string? WhyNotYet(Database database)
    {
        if (atOnce == 0 || string.IsNullOrEmpty(database.Spec.Environment))
        {
            return null;
        }

        lock (_gate)
        {
            var others = databases.Matching([(DatabaseQueries.Image, database.Spec.Image), (DatabaseQueries.Environment, database.Spec.Environment)], limit: 0)
                .Where(other => other.Key != database.Key && IsToChange(other) && HasBegun_NeedsLock(other)).Take(atOnce).Select(other => other.Key).ToList();
            if (others.Count == atOnce && !HasBegun_NeedsLock(database))
            {
                return $"{database.Spec.Image} is taken up by {atOnce} at once of environment {database.Spec.Environment}: now by {string.Join(", ", others)}";
            }

            _given[database.Key] = database.Spec.Image;
            return null;
        }
    }

    /// <summary>Forgets a turn that is over.</summary>
    public void End(Database database)
    {
        lock (_gate)
        {
            _given.Remove(database.Key);
        }
    }

    private bool HasBegun_NeedsLock(Database database) =>
        _given.GetValueOrDefault(database.Key) == database.Spec.Image
        || (owned.Find(ChildKinds.StatefulSet, database.Key.Namespace, database.Key.Name) is { } servers && StatefulSetState.ImageOf(servers) == database.Spec.Image);

    /// <summary>Whether it runs another image than it is to, and could change.</summary>
    private static bool IsToChange(Database database) =>
        database.Metadata.DeletionTimestamp is null && database.Status?.Image is { } runs && runs != database.Spec.Image
        && PostgresImage.Parse(runs).WhyNotTo(PostgresImage.Parse(database.Spec.Image)) is null;
}
