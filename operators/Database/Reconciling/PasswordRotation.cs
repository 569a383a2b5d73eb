using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>When applications get another password: when an annotation asks for it, or the present one is too old. The Secret is written first; PostgreSQL follows it.</summary>
internal sealed class PasswordRotation(TimeProvider time)
{
    /// <summary>Annotation of a Database; each new value is one rotation.</summary>
    public const string Annotation = "database.example.com/rotate-password";

    /// <summary>The credentials that there should be now.</summary>
    /// <param name="database">Whose.</param>
    /// <param name="present">Those that there are; null makes the first.</param>
    public Credentials Next(Database database, Credentials? present)
    {
        var asked = database.Metadata.Annotations?.GetValueOrDefault(Annotation, "") ?? "";
        return present is not null && asked == present.RotatedFor && !(DueIn(database, present) <= TimeSpan.Zero)
            ? present
            : new(Credentials.NewPassword(), KubeTime.Truncate(time.GetUtcNow()), asked);
    }

    /// <summary>Time until the password is too old; null when it never is.</summary>
    public TimeSpan? DueIn(Database database, Credentials credentials) =>
        Age.Parse(database.Spec.PasswordMaxAge) is { } age ? credentials.SetAt + age - time.GetUtcNow() : null;
}
