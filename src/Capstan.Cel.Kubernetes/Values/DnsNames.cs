namespace Capstan.Cel.Kubernetes;

/// <summary>DNS labels and subdomains as names of objects, and how Kubernetes words what is wrong with one. Names are octets (see <see cref="GoText"/>).</summary>
internal static class DnsNames
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = $@"{LabelPattern}(\.{LabelPattern})*";
    private const string Label1035Pattern = "[a-z]([-a-z0-9]*[a-z0-9])?";

    public static IReadOnlyList<string> LabelFaults(string name) => Faults(name, 63, IsLabel(name) ? null
        : IsSubdomain(name) ? "must not contain dots"
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
            + $" (e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelPattern}')");

    public static IReadOnlyList<string> SubdomainFaults(string name) => Faults(name, 253, IsSubdomain(name) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
            + $" (e.g. 'example.com', regex used for validation is '{SubdomainPattern}')");

    public static IReadOnlyList<string> Label1035Faults(string name) => Faults(name, 63, IsLabel(name) && char.IsAsciiLetterLower(name[0]) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
            + $" (e.g. 'my-name',  or 'abc-123', regex used for validation is '{Label1035Pattern}')");

    /// <summary>A prefix may end in a dash: the name that is checked has a letter there. Kubernetes drops the character before it too.</summary>
    public static string OfPrefix(string prefix) => prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^2] + "a" : prefix;

    private static List<string> Faults(string name, int limit, string? fault)
    {
        var faults = new List<string>();
        if (name.Length > limit)
        {
            faults.Add($"must be no more than {limit} characters");
        }

        if (fault is not null)
        {
            faults.Add(fault);
        }

        return faults;
    }

    private static bool IsSubdomain(string name) => name.Split('.').All(label => IsLabel(label));

    private static bool IsLabel(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return !name.IsEmpty && name[0] != '-' && name[^1] != '-';
    }
}
