using Capstan;
using Databases.Desired;
using Databases.Resources;
using Databases.Sql;

namespace Databases.Reconciling;

/// <summary>Makes another pod the primary, when an annotation asks for it or the primary is to be scaled away, such that no committed row is lost.</summary>
/// <remarks>
/// <para>1. Refuse unless the target streams and is close behind. 2. <c>Stopping</c>: the primary takes no clients any more, and the target replays all that it has.
/// 3. <c>Demoting</c>: record and Service name the target, the former primary's pod is deleted; it ends in order, having sent the rest. 4. The target is promoted, once
/// the former one is gone. 5. The new pod of the former primary finds that it is not in the record, rewinds its files and follows.</para>
/// <para>Each state is in the status before it is acted on: an operator that was killed goes on where it was. There is no failover: whoever is the primary stays it
/// until it is asked to go and can be asked.</para>
/// </remarks>
internal sealed class Switchover(PostgresConnections connections, DatabasePods pods, Volumes volumes, DatabaseEvents events, TimeProvider time)
{
    /// <summary>Annotation of a Database, with the name of the pod that is to be the primary.</summary>
    public const string Annotation = "database.example.com/switchover";

    private const long MostLagBytes = 16 << 20;
    private static readonly TimeSpan BeforeHandover = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan NextLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

    /// <summary>Takes the next step, if there is one.</summary>
    /// <returns>Where that has brought the Database, or no outcome where nothing has begun; null when no switchover is wanted or under way.</returns>
    public async Task<(Outcome? Outcome, DatabaseStatus Observed)?> RunAsync(Database database, Provisioned made, DatabaseStatus observed, CancellationToken cancellationToken)
    {
        var asked = database.Metadata.Annotations?.GetValueOrDefault(Annotation, "") ?? "";
        return observed.Switchover switch
        {
            { State: SwitchoverStatus.Stopping } stopping => await StopAsync(database, made, observed, stopping, cancellationToken),
            { State: SwitchoverStatus.Demoting } demoting => await DemoteAsync(database, made, observed, demoting, cancellationToken),
            var last when (Asked(made, asked, last) ?? Heir(database, made, observed)) is { } target => await BeginAsync(database, made, observed, target, asked, cancellationToken),
            _ => null,
        };
    }

    /// <summary>Who is to be the primary by now: while the former one is made to go, already the target.</summary>
    public static string? PrimaryOf(DatabaseStatus? status) => status?.Switchover is { State: SwitchoverStatus.Demoting, Target: var target } ? target : status?.Primary;

    /// <summary>The pods that must not go while a switchover is under way.</summary>
    public static IEnumerable<string> PartiesOf(DatabaseStatus? status) =>
        status?.Switchover is { State: SwitchoverStatus.Stopping or SwitchoverStatus.Demoting, Target: var target } ? [target, status.Primary ?? target] : [];

    /// <summary>The status without a request that was answered and then taken back: the same words are a new one.</summary>
    public static DatabaseStatus WithoutOldRequest(Database database, DatabaseStatus observed) =>
        observed.Switchover is { Request.Length: > 0, EndedAt: not null } last && database.Metadata.Annotations?.ContainsKey(Annotation) != true
            ? observed with { Switchover = last with { Request = "" } }
            : observed;

    /// <summary>Whether the primary is to be scaled away, and hands over before.</summary>
    public static bool IsLeftOver(Database database, Provisioned made) => ChildNames.OrdinalOf(database, made.Primary) >= (database.Spec.Replicas ?? 1);

    private static string? Asked(Provisioned made, string asked, SwitchoverStatus? last) => asked.Length > 0 && asked != last?.Request && asked != made.Primary ? asked : null;

    /// <summary>Who follows a primary that is to be scaled away; null while nobody can. What did not work is not tried again at once: nobody can write meanwhile.</summary>
    private string? Heir(Database database, Provisioned made, DatabaseStatus observed)
    {
        var first = ChildNames.Pod(database, 0);
        var failed = observed.Switchover is { State: SwitchoverStatus.Refused, EndedAt: { } at, Target: var target } && target == first && time.GetUtcNow() - at < BeforeHandover;
        return IsLeftOver(database, made) && !failed && observed.Standbys?.Any(standby => standby.Pod == first && standby.State == "streaming") == true ? first : null;
    }

    private async Task<(Outcome?, DatabaseStatus)?> BeginAsync(Database database, Provisioned made, DatabaseStatus observed, string target, string request, CancellationToken cancellationToken)
    {
        // A former primary has its slot, and its standbys their passwords, only once the present one is set up.
        if (observed.SetUp is null || pods.Find(database, made.Primary) is not { IsReady: true, Address: { } address } former)
        {
            return null;
        }

        var switchover = new SwitchoverStatus { Target = target, Request = request, State = SwitchoverStatus.Stopping, FormerPodUid = former.Uid };
        await using var primary = await connections.ConnectAsync(address, made.ServerPasswords.Superuser, cancellationToken);
        var standby = (await primary.StandbysAsync(cancellationToken)).Find(one => one.Pod == target);
        var why = ChildNames.OrdinalOf(database, target) is not { } ordinal || ordinal >= made.Replicas ? $"{target} is no pod of this Database"
            : pods.Find(database, target) is not { IsReady: true, IsGoing: false } ? $"{target} is not ready"
            : standby is not { State: "streaming" } ? $"{target} does not stream from {made.Primary}"
            : standby.LagBytes > MostLagBytes ? $"{target} is {standby.LagBytes >> 20} MiB behind"
            : null;
        return why is null
            ? Noted(observed with { Switchover = switchover })
            : (null, Refused(database, observed, switchover, why));
    }

    private async Task<(Outcome?, DatabaseStatus)?> StopAsync(Database database, Provisioned made, DatabaseStatus observed, SwitchoverStatus switchover, CancellationToken cancellationToken)
    {
        var former = pods.Find(database, made.Primary);
        if (former is not { Address: { } address, IsReady: true } || former.Uid != switchover.FormerPodUid || pods.Find(database, switchover.Target) is not { Address: { } targetAddress, IsReady: true, IsGoing: false })
        {
            // Whoever comes back as the primary takes writes again: setting it up says so.
            return GivenUp(database, observed, switchover, $"{made.Primary} or {switchover.Target} went away");
        }

        await using var primary = await connections.ConnectAsync(address, made.ServerPasswords.Superuser, cancellationToken);
        await using var target = await connections.ConnectAsync(targetAddress, made.ServerPasswords.Superuser, cancellationToken);
        await primary.StopWritesAsync(database.Spec.Username, cancellationToken);
        var startedAt = time.GetTimestamp();
        do
        {
            // Those that came in before the setting was read everywhere.
            await Task.Delay(Pause, time, cancellationToken);
            await primary.EndSessionsAsync(cancellationToken);
            if (await target.HasReplayedAsync(await primary.WrittenAsync(cancellationToken), cancellationToken))
            {
                return Noted(observed with { Switchover = switchover with { State = SwitchoverStatus.Demoting } });
            }
        }
        while (time.GetElapsedTime(startedAt) < Patience);

        await primary.ResumeWritesAsync(cancellationToken);
        return GivenUp(database, observed, switchover, $"{switchover.Target} did not catch up within {Patience.TotalSeconds:0} s; {made.Primary} takes writes again");
    }

    private async Task<(Outcome?, DatabaseStatus)?> DemoteAsync(Database database, Provisioned made, DatabaseStatus observed, SwitchoverStatus switchover, CancellationToken cancellationToken)
    {
        var formerName = database.Status?.Primary ?? "";
        if (pods.Find(database, formerName) is { } former && former.Uid == switchover.FormerPodUid)
        {
            await pods.DeleteAsync(database, former, cancellationToken);
            return Going(observed);
        }

        // The cache may be of a time before that pod.
        if (pods.Find(database, switchover.Target) is not { Address: { } address } || await pods.IsThereAsync(database, formerName, switchover.FormerPodUid, cancellationToken))
        {
            return Going(observed);
        }

        await using var target = await connections.ConnectAsync(address, made.ServerPasswords.Superuser, cancellationToken);
        if (!await target.PromoteAsync(cancellationToken))
        {
            return Going(observed);
        }

        await volumes.NotePrimaryAsync(database, switchover.Target, cancellationToken);
        events.Turned(database, "SwitchedOver", $"{switchover.Target} is the primary, and {formerName} follows it");
        return Noted(observed with
        {
            Primary = switchover.Target,
            SetUp = null,
            Switchover = switchover with { State = SwitchoverStatus.Completed, EndedAt = KubeTime.Truncate(time.GetUtcNow()), Message = $"{switchover.Target} took over from {formerName}" },
        });
    }

    /// <summary>The next step can be taken as soon as this one is noted.</summary>
    private static (Outcome, DatabaseStatus) Noted(DatabaseStatus observed) => Going(observed, AtOnce);

    private static (Outcome, DatabaseStatus) Going(DatabaseStatus observed, TimeSpan? lookAgainAfter = null) =>
        (new(Phases.Verifying, "SwitchingOver", $"{observed.Switchover!.Target} is made the primary: {observed.Switchover.State}") { LookAgainAfter = lookAgainAfter ?? NextLook }, observed);

    /// <summary>Of one that had begun: writes were stopped, so the primary is set up again.</summary>
    private (Outcome, DatabaseStatus) GivenUp(Database database, DatabaseStatus observed, SwitchoverStatus switchover, string why) =>
        (new(Phases.Verifying, "SwitchoverRefused", why) { LookAgainAfter = NextLook }, Refused(database, observed with { SetUp = null }, switchover, why));

    private DatabaseStatus Refused(Database database, DatabaseStatus observed, SwitchoverStatus switchover, string why)
    {
        events.Warned(database, "SwitchoverRefused", why);
        return observed with { Switchover = switchover with { State = SwitchoverStatus.Refused, EndedAt = KubeTime.Truncate(time.GetUtcNow()), Message = why } };
    }
}
