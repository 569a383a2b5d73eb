using Capstan;
using Databases.Desired;
using Databases.Resources;
using Databases.Sql;

namespace Databases.Reconciling;

/// <summary>What the primary tells of its standbys, and the help for those that do not come along by themselves: their pods are restarted, and look when they start
/// whether they can go on, must rewind, or are to be cloned again.</summary>
internal sealed class StandbyCare(PostgresConnections connections, DatabasePods pods, DatabaseEvents events, TimeProvider time)
{
    private const string Disconnected = "disconnected";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Asks the primary.</summary>
    /// <param name="database">Whose.</param>
    /// <param name="made">Its objects.</param>
    /// <param name="address">Of the primary.</param>
    /// <param name="before">What was seen last.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <returns>Each standby, connected or not.</returns>
    public async Task<List<StandbyStatus>> RunAsync(Database database, Provisioned made, string address, List<StandbyStatus>? before, CancellationToken cancellationToken)
    {
        await using var primary = await connections.ConnectAsync(address, made.ServerPasswords.Superuser, cancellationToken);
        var (lost, _) = await primary.EnsureSlotsAsync(SlotPrefix(database), [.. Of(database, made).Select(ChildNames.Slot)], cancellationToken);
        var connected = (await primary.StandbysAsync(cancellationToken)).ToLookup(standby => standby.Pod);
        var result = new List<StandbyStatus>();
        foreach (var name in Of(database, made))
        {
            var pod = pods.Find(database, name) is { IsReady: true, IsGoing: false } ready ? ready : null;
            var status = Seen(name, pod is not null, connected[name].FirstOrDefault(), before?.Find(one => one.Pod == name)?.DisconnectedSince);
            var why = lost.Contains(ChildNames.Slot(name)) ? $"it lacks more than {made.Primary} could keep for it"
                : time.GetUtcNow() - status.DisconnectedSince > Patience ? $"it does not stream from {made.Primary}"
                : null;
            if (pod is not null && why is not null)
            {
                await pods.DeleteAsync(database, pod, cancellationToken);
                events.Warned(database, "StandbyRestarted", $"{name} is restarted: {why}");
                status = status with { State = Disconnected, DisconnectedSince = null };
            }

            result.Add(status);
        }

        return result;
    }

    /// <summary>The pods that are to be standbys.</summary>
    public static IEnumerable<string> Of(Database database, Provisioned made) => ChildNames.Pods(database, made.Replicas).Where(pod => pod != made.Primary);

    /// <summary>What the names of all slots of a Database begin with.</summary>
    public static string SlotPrefix(Database database) => ChildNames.Slot($"{database.Metadata.Name}-");

    private StandbyStatus Seen(string pod, bool isReady, Standby? connected, DateTimeOffset? disconnectedSince) => connected is null
        ? new() { Pod = pod, State = Disconnected, DisconnectedSince = isReady ? disconnectedSince ?? KubeTime.Truncate(time.GetUtcNow()) : null }
        : new() { Pod = pod, State = connected.State, LagMebibytes = connected.LagBytes >> 20 };
}
