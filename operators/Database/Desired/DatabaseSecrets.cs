using System.Text.Json.Nodes;
using Capstan;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>The two Secrets: what applications get, and what only pods and the operator get.</summary>
internal static class DatabaseSecrets
{
    public const string SuperuserKey = "password";
    public const string ReplicationKey = "replication-password";

    /// <summary>For applications: a role that owns the database and is no superuser.</summary>
    public static Child ForApplications(Database database, Credentials credentials) => Child.Of(
        database,
        ChildKinds.Secret,
        ChildNames.Credentials(database),
        new() { ["type"] = "Opaque", ["data"] = Credentials.Data(ConnectionTexts.Of(database, credentials.Password)) },
        new JsonObject { [Credentials.SetAtAnnotation] = KubeTime.Format(credentials.SetAt), [Credentials.RotatedForAnnotation] = credentials.RotatedFor });

    /// <summary>For the servers: passwords of the superuser and of the standbys.</summary>
    public static Child ForServers(Database database, ServerPasswords passwords) => Child.Of(
        database,
        ChildKinds.Secret,
        ChildNames.Superuser(database),
        new() { ["type"] = "Opaque", ["data"] = Credentials.Data(("username", "postgres"), (SuperuserKey, passwords.Superuser), (ReplicationKey, passwords.Replication)) });
}

/// <summary>Passwords of the roles that are not for applications.</summary>
internal sealed record ServerPasswords(string Superuser, string Replication)
{
    /// <summary>What a Secret says; what it lacks is made.</summary>
    public static ServerPasswords ReadOrMake(DynamicObject? secret) => new(Of(secret, DatabaseSecrets.SuperuserKey), Of(secret, DatabaseSecrets.ReplicationKey));

    private static string Of(DynamicObject? secret, string key) => secret is not null && Credentials.Value(secret, key) is { Length: > 0 } password ? password : Credentials.NewPassword();
}
