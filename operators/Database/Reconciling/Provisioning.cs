using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Makes the objects of a Database: records and Secrets, then the Services, whose addresses pods get when they start, then the servers.</summary>
internal sealed class Provisioning(Children children, PasswordRotation passwords, Volumes volumes, Rollouts rollouts, DatabaseEvents events)
{
    /// <summary>Makes or mends them.</summary>
    /// <exception cref="StepFailedException">One cannot be made.</exception>
    public async Task<Provisioned> RunAsync(Database database, CancellationToken cancellationToken)
    {
        var name = database.Metadata.Name!;
        var existing = await children.FindAsync(database, ChildKinds.StatefulSet, name, cancellationToken);
        var record = await children.FindAsync(database, ChildKinds.ConfigMap, ChildNames.PrimaryRecord(database), cancellationToken);

        // Who the status says; before there is one, who the record says, or volumes that were kept; at first, the first pod.
        var primary = Switchover.PrimaryOf(database.Status) ?? PrimaryRecord.Read(record) ?? await volumes.KeptPrimaryAsync(database, cancellationToken) ?? ChildNames.Pod(database, 0);
        var replicas = Math.Max(database.Spec.Replicas ?? 1, Switchover.PartiesOf(database.Status).Append(primary).Max(pod => ChildNames.OrdinalOf(database, pod) ?? 0) + 1);
        var (image, refusal) = ImageOf(database, existing);

        await children.EnsureAsync(PrimaryRecord.Of(database, primary), record, cancellationToken);
        var serverSecret = await children.FindAsync(database, ChildKinds.Secret, ChildNames.Superuser(database), cancellationToken);
        var serverPasswords = ServerPasswords.ReadOrMake(serverSecret);
        await children.EnsureAsync(DatabaseSecrets.ForServers(database, serverPasswords), serverSecret, cancellationToken);
        var secret = await children.FindAsync(database, ChildKinds.Secret, ChildNames.Credentials(database), cancellationToken);
        var credentials = passwords.Next(database, Credentials.Read(secret));
        var stored = await children.EnsureAsync(DatabaseSecrets.ForApplications(database, credentials), secret, cancellationToken);
        await children.EnsureAsync(database, DatabaseServices.ToPrimary(database, primary), cancellationToken);
        await children.EnsureAsync(database, DatabaseServices.ToStandbys(database, primary, replicas), cancellationToken);
        await children.EnsureAsync(database, DatabaseServices.Headless(database), cancellationToken);
        if (replicas > 1)
        {
            await children.EnsureAsync(database, DisruptionBudget.Of(database), cancellationToken);
        }
        else
        {
            await children.DeleteAsync(database, ChildKinds.DisruptionBudget, name, "Background", cancellationToken);
        }

        var wanted = Servers.Of(database, replicas, image);
        if (existing is not null && await volumes.ReplaceAsync(database, existing, wanted, cancellationToken) is { } going)
        {
            return new(null, going, primary, replicas, credentials, serverPasswords, stored, refusal);
        }

        var statefulSet = await children.EnsureAsync(wanted, existing, cancellationToken);
        if (existing is null)
        {
            events.Created(database);
        }

        return new(StatefulSetState.Of(statefulSet), null, primary, replicas, credentials, serverPasswords, stored, refusal);
    }

    /// <summary>The image to run: the one that is wanted, unless it could not open the data files. The webhook says so first; this holds without it.</summary>
    private (string Image, (string Reason, string Message)? Refusal) ImageOf(Database database, DynamicObject? existing)
    {
        var wanted = database.Spec.Image;
        if (existing is null || StatefulSetState.ImageOf(existing) is not { } current || current == wanted)
        {
            rollouts.End(database);
            return (wanted, null);
        }

        return PostgresImage.Parse(current).WhyNotTo(PostgresImage.Parse(wanted)) is { } why ? (current, ("ImageRefused", $"{wanted} cannot follow {current}: {why}"))
            : rollouts.WhyNotYet(database) is { } turn ? (current, (Rollouts.Waits, turn))
            : (wanted, null);
    }
}

/// <summary>What there is of a Database once its objects are made.</summary>
/// <param name="Servers">How far they are; null while their StatefulSet is being replaced.</param>
/// <param name="Replacing">Why it is; null when it is not.</param>
/// <param name="Primary">The pod that takes writes.</param>
/// <param name="Replicas">Pods, those that cannot go yet included.</param>
/// <param name="Credentials">Of applications.</param>
/// <param name="ServerPasswords">Of the superuser and the standbys.</param>
/// <param name="Secret">The applications' Secret as it is stored.</param>
/// <param name="Refusal">What was wanted and is not done.</param>
internal sealed record Provisioned(
    StatefulSetState? Servers,
    string? Replacing,
    string Primary,
    int Replicas,
    Credentials Credentials,
    ServerPasswords ServerPasswords,
    DynamicObject Secret,
    (string Reason, string Message)? Refusal);
