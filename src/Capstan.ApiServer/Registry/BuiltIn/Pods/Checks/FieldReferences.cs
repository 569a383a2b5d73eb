using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>References to fields of the pod itself, and to what its containers may use.</summary>
internal static class FieldReferences
{
    /// <summary>Fields that an environment variable can show.</summary>
    public static readonly string[] OfVariables =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    /// <summary>Fields that a file can show.</summary>
    public static readonly string[] OfFiles = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    // Fields that there are, whether or not they can be shown where they are asked for.
    private static readonly HashSet<string> Known =
    [
        .. OfVariables, .. OfFiles, "spec.restartPolicy", "spec.schedulerName", "spec.hostNetwork", "status.phase", "status.nominatedNodeName",
    ];

    private static readonly string[] Resources = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
    private static readonly string[] HugePages = ["limits.hugepages-", "requests.hugepages-"];
    private static readonly HashSet<string> Units = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

    /// <summary>The field must be one that can be shown.</summary>
    public static void CheckField(Place reference, string[] shown)
    {
        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "fieldPath"])
        {
            if (!reference[field].HasText)
            {
                reference[field].Required();
                return;
            }
        }

        var path = reference["fieldPath"];
        var (name, key) = Split(path.Text);
        if (reference["apiVersion"].Text != "v1")
        {
            path.Invalid(path.Text, $"error converting fieldPath: unsupported pod version: {reference["apiVersion"].Text}");
        }
        else if (key is not null && name is not ("metadata.annotations" or "metadata.labels"))
        {
            path.Invalid(path.Text, $"error converting fieldPath: field label does not support subscript: {path.Text}");
        }
        else if (key is null && !Known.Contains(name))
        {
            path.Invalid(path.Text, $"error converting fieldPath: field label not supported: {name}");
        }
        else if (key is not null)
        {
            foreach (var fault in LabelSyntax.KeyFaults(name == "metadata.annotations" ? key.ToLowerInvariant() : key))
            {
                reference.Invalid(name == "metadata.annotations" ? key.ToLowerInvariant() : key, fault);
            }
        }
        else if (!shown.Contains(name))
        {
            path.NotSupported(shown.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>The amount must be one that a container has, in a unit that suits it.</summary>
    public static void CheckResource(Place reference, bool inFile)
    {
        var resource = reference["resource"].Text;
        if (inFile && !reference["containerName"].HasText)
        {
            reference["containerName"].Required();
        }
        else if (resource.Length == 0)
        {
            reference["resource"].Required();
        }
        else if (!Resources.Contains(resource) && !HugePages.Any(p => resource.StartsWith(p, StringComparison.Ordinal)))
        {
            reference["resource"].NotSupported(Resources);
        }

        if (ResourceLists.Of(reference["divisor"].Value) is not { Sign: not 0 } divisor)
        {
            return;
        }

        var what = resource.EndsWith(".cpu", StringComparison.Ordinal) ? "cpu"
            : resource.EndsWith(".memory", StringComparison.Ordinal) ? "memory"
            : resource.EndsWith(".ephemeral-storage", StringComparison.Ordinal) ? "local ephemeral storage"
            : HugePages.Any(p => resource.StartsWith(p, StringComparison.Ordinal)) ? "hugepages"
            : null;
        if (what == "cpu" && divisor.ToString() is not ("1m" or "1"))
        {
            reference["divisor"].Invalid(resource, "only divisor's values 1m and 1 are supported with the cpu resource");
        }
        else if (what is not (null or "cpu") && !Units.Contains(divisor.ToString()))
        {
            reference["divisor"].Invalid(resource, $"only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the {what} resource");
        }
    }

    // metadata.labels['key'] is one label.
    private static (string Name, string? Key) Split(string path)
    {
        if (!path.EndsWith("']", StringComparison.Ordinal))
        {
            return (path, null);
        }

        var at = path.IndexOf("['", StringComparison.Ordinal);
        return at <= 0 ? (path, null) : (path[..at], path[(at + 2)..^2]);
    }
}
