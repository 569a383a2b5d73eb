using Capstan;
using Databases.Resources;

namespace Databases.Admission;

/// <summary>Fills in what people leave out, before a Database is judged and stored. Doing it twice changes nothing.</summary>
internal static class DatabaseDefaults
{
    public const string Path = "/mutate-database-example-com-v1-database";

    private const int ReplicasInProduction = 3;

    /// <summary>Answers one review.</summary>
    public static AdmissionResult Review(AdmissionRequest<Database> request)
    {
        if (request.Object is not { } database)
        {
            return AdmissionResult.Allowed;
        }

        Fill(database, request.Namespace);
        return AdmissionResult.Changed(database);
    }

    /// <summary>Changes the Database.</summary>
    /// <param name="database">As it came.</param>
    /// <param name="namespace">Where it is to be stored.</param>
    public static void Fill(Database database, string @namespace)
    {
        var spec = database.Spec;
        if (@namespace == "production" && (spec.Replicas ?? 1) < ReplicasInProduction)
        {
            spec.Replicas = ReplicasInProduction;
        }

        if (string.IsNullOrEmpty(spec.Storage.StorageClass))
        {
            spec.Storage.StorageClass = "standard";
        }

        (database.Metadata.Labels ??= []).TryAdd("managed-by", "database-operator");
        (database.Metadata.Annotations ??= []).TryAdd("database.example.com/version", "v1");
    }
}
