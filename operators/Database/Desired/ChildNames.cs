using System.Globalization;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>How the objects of a Database are called.</summary>
internal static class ChildNames
{
    /// <summary>Field manager, and value of the label by which the operator finds what is its own.</summary>
    public const string Manager = "database-operator";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Role = "database.example.com/role";
    public const int Port = 5432;

    public static string Credentials(Database database) => $"{database.Metadata.Name}-credentials";

    public static string Superuser(Database database) => $"{database.Metadata.Name}-superuser";

    public static string PrimaryRecord(Database database) => $"{database.Metadata.Name}-primary";

    /// <summary>The Service that leads to the primary.</summary>
    public static string Primary(Database database) => database.Metadata.Name!;

    public static string ReadOnly(Database database) => $"{database.Metadata.Name}-ro";

    public static string Headless(Database database) => $"{database.Metadata.Name}-headless";

    public static string Pod(Database database, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{database.Metadata.Name}-{ordinal}");

    /// <summary>Names of the pods, by ordinal.</summary>
    public static IEnumerable<string> Pods(Database database, int replicas) => Enumerable.Range(0, replicas).Select(ordinal => Pod(database, ordinal));

    /// <summary>The number of a pod of the Database; null when the name is not one.</summary>
    public static int? OrdinalOf(Database database, string pod) =>
        pod.StartsWith($"{database.Metadata.Name}-", StringComparison.Ordinal)
        && int.TryParse(pod.AsSpan(database.Metadata.Name!.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
        && Pod(database, ordinal) == pod ? ordinal : null;

    public static string Claim(string pod) => $"data-{pod}";

    /// <summary>Host of the primary within the cluster.</summary>
    public static string Host(Database database) => $"{Primary(database)}.{database.Metadata.Namespace}.svc.cluster.local";

    /// <summary>Host and port of the primary within the cluster.</summary>
    public static string Endpoint(Database database) => $"{Host(database)}:{Port}";

    /// <summary>A replication slot's name has no hyphen.</summary>
    public static string Slot(string pod) => pod.Replace('-', '_');
}
