using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the environment of a container.</summary>
internal static class EnvironmentChecks
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    /// <summary>Variables one by one.</summary>
    public static void CheckVariables(Place variables)
    {
        foreach (var variable in variables.Items)
        {
            variable["name"].RequiredFollows(Naming.EnvironmentNameFaults);
            var from = variable["valueFrom"];
            if (from.Exists)
            {
                CheckSource(from, variable["value"].HasText);
            }
        }
    }

    /// <summary>All variables of a ConfigMap or Secret.</summary>
    public static void CheckSources(Place sources)
    {
        foreach (var source in sources.Items)
        {
            source["prefix"].NoneOrFollows(Naming.EnvironmentNameFaults);
            var given = 0;
            foreach (var reference in (string[])["configMapRef", "secretRef"])
            {
                if (source[reference].Exists)
                {
                    given++;
                    source[reference]["name"].RequiredFollows(name => Naming.DnsSubdomain(name, true));
                }
            }

            if (given != 1)
            {
                sources.Invalid("", given == 0 ? "must specify one of: `configMapRef` or `secretRef`" : "may not have more than one field specified at a time");
            }
        }
    }

    /// <summary>Files that variables are read from must lie in volumes that pods write.</summary>
    public static void CheckFiles(PodScope scope)
    {
        foreach (var name in scope.Containers.SelectMany(c => c["env"].Items).Where(e => e["valueFrom"]["fileKeyRef"].Exists).Select(e => e["valueFrom"]["fileKeyRef"]["volumeName"]))
        {
            var volume = scope.Spec["volumes"].Items.LastOrDefault(v => v["name"].Text == name.Text);
            if (!volume.Exists)
            {
                name.Errors.Add(Capstan.Schemas.FieldErrors.NotFound(name.Path, name.Text));
            }
            else if (!volume["emptyDir"].Exists)
            {
                name.Invalid("referenced volume must be of type emptyDir");
            }
        }
    }

    private static void CheckSource(Place from, bool hasValue)
    {
        if (from["fieldRef"].Exists)
        {
            FieldReferences.CheckField(from["fieldRef"], FieldReferences.OfVariables);
        }

        if (from["resourceFieldRef"].Exists)
        {
            FieldReferences.CheckResource(from["resourceFieldRef"], inFile: false);
        }

        foreach (var reference in (string[])["configMapKeyRef", "secretKeyRef"])
        {
            if (from[reference].Exists)
            {
                from[reference]["name"].Follows(Naming.SubdomainFaults);
                from[reference]["key"].RequiredFollows(Naming.ConfigKeyFaults);
            }
        }

        if (from["fileKeyRef"] is { Exists: true } file)
        {
            CheckFile(file);
        }

        var given = Sources.Count(source => from[source].Exists);
        var fault = given == 0 ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            : hasValue ? "may not be specified when `value` is not empty"
            : given > 1 ? "may not have more than one field specified at a time"
            : null;
        if (fault is not null)
        {
            from.Invalid("", fault);
        }
    }

    private static void CheckFile(Place file)
    {
        file["key"].RequiredFollows(Naming.EnvironmentNameFaults);
        file["volumeName"].RequiredFollows(Naming.LabelFaults);
        if (file["path"].HasText)
        {
            LocalPaths.CheckNoBacksteps(file["path"]);
        }
        else
        {
            file["path"].Required();
        }
    }
}
