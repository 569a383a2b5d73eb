using System.Text;
using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Admission;

/// <summary>Judges a Database before it is stored, and tells everything that is wrong at once.</summary>
/// <remarks>Only a new spec is judged: whoever labels a Database, takes a finalizer off or deletes it is not stopped by rules that came later.</remarks>
internal static class DatabaseValidation
{
    public const string Path = "/validate-database-example-com-v1-database";

    private const int ManyReplicas = 5;
    private const int NameBytes = 63;
    private static readonly Quantity SizeForMany = Quantity.Parse("50Gi");

    /// <summary>Answers one review.</summary>
    public static AdmissionResult Review(AdmissionRequest<Database> request)
    {
        if (request.Object is not { } database || request.SubResource.Length > 0 || (request.OldObject is { } old && SpecText.Of(old) == SpecText.Of(database)))
        {
            return AdmissionResult.Allowed;
        }

        var causes = Violations(database.Spec, request.OldObject?.Spec).ToList();
        return causes.Count == 0
            ? AdmissionResult.Allowed
            : AdmissionResult.Denied(causes, $"validation failed: {string.Join("; ", causes.Select(cause => $"{cause.Field}: {cause.Message}"))}");
    }

    /// <summary>What is wrong with a spec, and with the way from the one before to it.</summary>
    public static IEnumerable<ApiStatusCause> Violations(DatabaseSpec spec, DatabaseSpec? before) => OfSpec(spec).Concat(before is null ? [] : OfChange(before, spec));

    private static IEnumerable<ApiStatusCause> OfSpec(DatabaseSpec spec)
    {
        if (!PostgresImage.Parse(spec.Image).IsPostgres)
        {
            yield return Invalid("spec.image", spec.Image, "must be a PostgreSQL image (for example postgres:14 or postgres:14-alpine)");
        }

        if (spec.Replicas > ManyReplicas && Quantity.TryParse(spec.Storage.Size, out var size, out _) && size < SizeForMany)
        {
            yield return Invalid("spec.storage.size", spec.Storage.Size, $"more than {ManyReplicas} replicas need at least {SizeForMany}");
        }

        if (Encoding.UTF8.GetByteCount(spec.DatabaseName) > NameBytes)
        {
            yield return Invalid("spec.databaseName", spec.DatabaseName, $"must be at most {NameBytes} bytes");
        }

        if (spec.DatabaseName.Contains('\0', StringComparison.Ordinal))
        {
            yield return Invalid("spec.databaseName", "...", "must not contain the character U+0000");
        }

        if (spec.Username.Contains('\0', StringComparison.Ordinal))
        {
            yield return Invalid("spec.username", "...", "must not contain the character U+0000");
        }
    }

    private static IEnumerable<ApiStatusCause> OfChange(DatabaseSpec before, DatabaseSpec spec)
    {
        if (Quantity.TryParse(before.Storage.Size, out var had, out _) && Quantity.TryParse(spec.Storage.Size, out var size, out _) && size < had)
        {
            yield return Invalid("spec.storage.size", spec.Storage.Size, $"cannot be decreased from {before.Storage.Size}");
        }

        if (spec.DatabaseName != before.DatabaseName)
        {
            yield return Invalid("spec.databaseName", spec.DatabaseName, $"is immutable, and was {before.DatabaseName}");
        }

        if (spec.Username != before.Username)
        {
            yield return Invalid("spec.username", spec.Username, $"is immutable, and was {before.Username}");
        }

        if (spec.Image != before.Image && PostgresImage.Parse(before.Image).WhyNotTo(PostgresImage.Parse(spec.Image)) is { } why)
        {
            yield return Invalid("spec.image", spec.Image, $"cannot follow {before.Image}: {why}");
        }
    }

    private static ApiStatusCause Invalid(string field, string value, string message) =>
        new() { Reason = "FieldValueInvalid", Field = field, Message = $"Invalid value: \"{value}\": {message}" };
}
