using Databases.Desired;
using Databases.Resources;
using Databases.Sql;

namespace Databases.Reconciling;

/// <summary>Sets up what is inside PostgreSQL as soon as the primary takes connections, for the standbys wait for it, and asks whether all is well once they are there.</summary>
/// <param name="connections">To the servers.</param>
/// <param name="pods">The Databases' pods.</param>
/// <param name="switchover">Makes another pod the primary.</param>
/// <param name="standbys">Looks after the other pods.</param>
/// <param name="passwords">When a password is too old.</param>
/// <param name="connects">False where pods are simulated: then a Database is ready when its pods are.</param>
internal sealed class Verification(PostgresConnections connections, DatabasePods pods, Switchover switchover, StandbyCare standbys, PasswordRotation passwords, bool connects)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    public async Task<(Outcome Outcome, DatabaseStatus Observed)> RunAsync(Database database, Provisioned made, DatabaseStatus observed, CancellationToken cancellationToken)
    {
        var servers = made.Servers!;
        var waits = new Outcome(
            Phases.Deploying,
            database.Status?.Phase == Phases.Ready ? "ScalingInProgress" : "WaitingForReplicas",
            $"{servers.Ready}/{servers.Wanted} replicas are ready") { ReadyReplicas = servers.Ready, Refusal = made.Refusal };
        var ready = Outcome.Ready($"all {servers.Wanted} replicas are ready") with
        {
            ReadyReplicas = servers.Ready, Refusal = made.Refusal, LookAgainAfter = passwords.DueIn(database, made.Credentials),
        };
        if (made.Refusal?.Reason == Rollouts.Waits)
        {
            ready = ready with { LookAgainAfter = Earlier(ready.LookAgainAfter, Rollouts.Pause) };
        }

        if (!connects)
        {
            return (servers.IsComplete ? ready : waits, observed);
        }

        await pods.LabelAsync(database, made, cancellationToken);
        observed = Switchover.WithoutOldRequest(database, observed);
        try
        {
            if (await switchover.RunAsync(database, made, observed, cancellationToken) is { } step)
            {
                observed = step.Observed;
                if (step.Outcome is { } outcome)
                {
                    return (outcome, observed);
                }
            }

            if (pods.Find(database, made.Primary) is not { IsReady: true, Address: { } address } primary)
            {
                return (waits, observed);
            }

            var setUp = $"{made.Secret.Uid}/{made.Secret.ResourceVersion}/{primary.Uid}/{made.Replicas}";
            var isKnown = observed.SetUp == setUp;
            if (!isKnown)
            {
                // Slots of pods that are still going keep write-ahead log for nobody: they are taken the next time.
                var isDone = await SetUpAsync(database, made, address, cancellationToken);
                observed = observed with { SetUp = isDone ? setUp : null };
                ready = isDone ? ready : ready with { LookAgainAfter = Soon };
            }

            if (made.Replicas == 1)
            {
                return (servers.IsComplete ? ready : waits, observed with { Standbys = null });
            }

            observed = observed with { Standbys = await standbys.RunAsync(database, made, address, observed.Standbys, cancellationToken) };
            return !servers.IsComplete ? (waits with { LookAgainAfter = Soon }, observed)
                : Switchover.IsLeftOver(database, made) ? (waits with { Reason = "WaitingForHandover", LookAgainAfter = Soon }, observed)
                : observed.Standbys.All(standby => standby.State == "streaming") ? (ready with { LookAgainAfter = Earlier(ready.LookAgainAfter, BetweenLooks) }, observed)
                : (WaitsFor(observed.Standbys) with { ReadyReplicas = servers.Ready }, observed);
        }
        catch (Exception error) when (PostgresConnections.IsUnreachable(error) && !cancellationToken.IsCancellationRequested)
        {
            return (new(Phases.Verifying, "DatabaseUnreachable", error.Message) { LookAgainAfter = Soon, ReadyReplicas = servers.Ready }, observed);
        }
        catch (Npgsql.PostgresException error)
        {
            if (PostgresConnections.IsWrongPassword(error) && pods.Find(database, made.Primary) is { } primary && await pods.RestartAsync(database, primary, made, cancellationToken))
            {
                return (new(Phases.Verifying, "SettingSuperuserPassword", $"{made.Primary} is restarted to take the password of Secret {ChildNames.Superuser(database)}") { LookAgainAfter = Soon }, observed);
            }

            throw new StepFailedException("SqlFailed", $"PostgreSQL: {error.MessageText} ({error.SqlState})", error);
        }
    }

    /// <summary>Roles, the database, and a slot for each standby; then a login as an application would do it.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    private async Task<bool> SetUpAsync(Database database, Provisioned made, string address, CancellationToken cancellationToken)
    {
        var spec = database.Spec;
        bool hasLeftOver;
        await using (var server = await connections.ConnectAsync(address, made.ServerPasswords.Superuser, cancellationToken))
        {
            if (await server.IsStandbyAsync(cancellationToken))
            {
                throw new StepFailedException("PrimaryIsStandby", $"the volume of {made.Primary} is a standby's: another pod was the primary when these volumes were used last");
            }

            if (await server.IsReadOnlyAsync(cancellationToken))
            {
                await server.ResumeWritesAsync(cancellationToken);
            }

            await server.EnsureReplicationRoleAsync(made.ServerPasswords.Replication, cancellationToken);
            await server.EnsureLogKeptAsync(ShareOf(spec, 4), ShareOf(spec, 8), cancellationToken);
            (_, hasLeftOver) = await server.EnsureSlotsAsync(StandbyCare.SlotPrefix(database), [.. StandbyCare.Of(database, made).Select(ChildNames.Slot)], cancellationToken);
            await server.EnsureApplicationRoleAsync(spec.Username, made.Credentials.Password, cancellationToken);
            await server.EnsureDatabaseAsync(spec.DatabaseName, spec.Username, cancellationToken);
        }

        await using var application = await connections.ConnectAsync(address, spec.Username, made.Credentials.Password, spec.DatabaseName, cancellationToken);
        return !hasLeftOver;
    }

    private static Outcome WaitsFor(List<StandbyStatus> standbys) =>
        new(Phases.Verifying, "WaitingForStandbys", $"not all standbys stream: {string.Join(", ", standbys.Select(one => $"{one.Pod} {one.State}"))}") { LookAgainAfter = Soon };

    /// <summary>A part of the volume in mebibytes, and not less than two segments of the write-ahead log.</summary>
    private static long ShareOf(DatabaseSpec spec, int part) => Math.Max(32, (long)(Capstan.Quantity.Parse(spec.Storage.Size).AsApproximateDouble() / (1 << 20)) / part);

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;
}
