using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the resource claims of a pod.</summary>
internal static class ClaimReferenceChecks
{
    /// <summary>Each claim has a name of its own and comes from one place.</summary>
    public static void Check(PodScope scope)
    {
        HashSet<string> names = [];
        foreach (var claim in scope.Spec["resourceClaims"].Items)
        {
            var (name, ready, template) = (claim["name"], claim["resourceClaimName"], claim["resourceClaimTemplateName"]);
            if (!name.HasText)
            {
                name.Required();
            }
            else if (!names.Add(name.Text))
            {
                name.Duplicate();
            }
            else
            {
                name.Follows(Naming.LabelFaults);
            }

            if (ready.Exists && template.Exists)
            {
                claim.Invalid("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }

            if (!ready.Exists && !template.Exists)
            {
                claim.Invalid("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }

            foreach (var reference in (Place[])[ready, template])
            {
                if (reference.Exists)
                {
                    reference.Follows(Naming.SubdomainFaults);
                }
            }
        }
    }
}
