namespace Capstan.Controllers;

/// <summary>From an object to the one that controls it.</summary>
internal static class OwnerKeys
{
    /// <summary>The controlling owner, if it is of the kind; else nothing. At most one owner is the controller.</summary>
    /// <param name="value">The object that is owned; null: nobody's.</param>
    /// <param name="owner">The kind that counts, in any version.</param>
    /// <param name="everyOwner">Also owners that are not the controller.</param>
    public static IEnumerable<ObjectKey> Of(DynamicObject? value, ResourceType owner, bool everyOwner = false)
    {
        foreach (var reference in value?.OwnerReferences ?? [])
        {
            var kind = GroupVersionKind.Parse(reference.ApiVersion, reference.Kind);
            if ((everyOwner || reference.Controller == true) && kind.Kind == owner.Kind && kind.Group == owner.Group)
            {
                // An owner is in the same namespace, or in none.
                yield return new(owner.Namespaced ? value!.Key.Namespace : "", reference.Name);
            }
        }
    }
}
