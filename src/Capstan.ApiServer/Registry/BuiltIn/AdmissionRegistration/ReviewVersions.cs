using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Versions of reviews that a webhook reads.</summary>
internal static class ReviewVersions
{
    private static readonly string[] Known = ["v1", "v1beta1"];

    /// <summary>Whether one of them is a version that is sent.</summary>
    public static bool HasKnown(IEnumerable<JsonNode?> versions) => versions.Any(v => Known.Contains(v.Text()));

    /// <summary>Adds the faults.</summary>
    /// <param name="versions">The versions.</param>
    /// <param name="path">Where they stand.</param>
    /// <param name="whenEmpty">What to say when there are none.</param>
    /// <param name="mustBeKnown">Whether one must be a version that is sent.</param>
    /// <param name="errors">Receives them.</param>
    public static void Check(IList<JsonNode?> versions, string path, string whenEmpty, bool mustBeKnown, ICollection<FieldError> errors)
    {
        if (versions.Count == 0)
        {
            errors.Add(FieldErrors.Required(path, whenEmpty));
            return;
        }

        HashSet<string> seen = [];
        for (var i = 0; i < versions.Count; i++)
        {
            var version = versions[i].Text() ?? "";
            if (!seen.Add(version))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}]", version, "duplicate version"));
                continue;
            }

            MetadataRules.Add(errors, $"{path}[{i}]", version, Naming.Label1035Faults(version));
        }

        if (mustBeKnown && !HasKnown(versions))
        {
            errors.Add(FieldErrors.Invalid(path, versions as JsonArray, "must include at least one of v1, v1beta1"));
        }
    }
}
