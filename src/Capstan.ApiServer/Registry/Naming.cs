using System.Buffers;
using System.Text.RegularExpressions;

namespace Capstan.ApiServer.Registry;

/// <summary>Says what is wrong with a name, in Kubernetes' words; nothing when it may be used.</summary>
/// <param name="name">The name, or with <paramref name="prefix"/> the beginning of one that the server completes.</param>
/// <param name="prefix">Whether it is a <c>generateName</c>.</param>
internal delegate IReadOnlyList<string> NameRule(string name, bool prefix);

/// <summary>The rules by which names are formed: of objects, and of much that is named inside of them.</summary>
internal static partial class Naming
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Subdomain = Label + @"(\." + Label + ")*";
    private static readonly SearchValues<char> ConfigKeyCharacters =
        SearchValues.Create("-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>The rule of most kinds: dot-separated DNS labels, lower case.</summary>
    public static readonly NameRule DnsSubdomain = (name, prefix) => SubdomainFaults(Masked(name, prefix));

    /// <summary>One DNS label, lower case.</summary>
    public static readonly NameRule DnsLabel = (name, prefix) => LabelFaults(Masked(name, prefix));

    /// <summary>One DNS label that begins with a letter.</summary>
    public static readonly NameRule Dns1035Label = (name, prefix) => Label1035Faults(Masked(name, prefix));

    /// <summary>Anything that can stand between two slashes of a URL: the rule of RBAC kinds and the minimum for all.</summary>
    public static readonly NameRule PathSegment = PathSegmentFaults;

    /// <summary>Faults of what stands between two slashes of a URL.</summary>
    public static IReadOnlyList<string> PathSegmentFaults(string name) => PathSegmentFaults(name, prefix: false);

    /// <summary>Faults of a DNS subdomain whose first label may be anything.</summary>
    public static IReadOnlyList<string> WildcardFaults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 253, faults);
        if (!value.StartsWith("*.", StringComparison.Ordinal) || !SubdomainPattern().IsMatch(value.AsSpan(2)))
        {
            faults.Add(Mismatch("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.'"
                + " and end with an alphanumeric character", @"\*\." + Subdomain, "*.example.com"));
        }

        return faults;
    }

    private static IReadOnlyList<string> PathSegmentFaults(string name, bool prefix)
    {
        if (!prefix && name is "." or "..")
        {
            return [$"may not be '{name}'"];
        }

        List<string> faults = [];
        if (name.Contains('/', StringComparison.Ordinal))
        {
            faults.Add("may not contain '/'");
        }

        if (name.Contains('%', StringComparison.Ordinal))
        {
            faults.Add("may not contain '%'");
        }

        return faults;
    }

    /// <summary>Faults of a DNS subdomain (RFC 1123).</summary>
    public static IReadOnlyList<string> SubdomainFaults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 253, faults);
        if (!SubdomainPattern().IsMatch(value))
        {
            faults.Add(Mismatch("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                Subdomain, "example.com"));
        }

        return faults;
    }

    /// <summary>Faults of a DNS label (RFC 1123).</summary>
    public static IReadOnlyList<string> LabelFaults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 63, faults);
        if (!LabelPattern().IsMatch(value))
        {
            faults.Add(SubdomainPattern().IsMatch(value) ? "must not contain dots" : Mismatch(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                Label, "my-name", "123-abc"));
        }

        return faults;
    }

    /// <summary>Faults of a DNS label in its stricter form (RFC 1035).</summary>
    public static IReadOnlyList<string> Label1035Faults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 63, faults);
        if (!Label1035Pattern().IsMatch(value))
        {
            faults.Add(Mismatch("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123"));
        }

        return faults;
    }

    /// <summary>Faults of a key of a ConfigMap or Secret, which becomes a file name.</summary>
    public static IReadOnlyList<string> ConfigKeyFaults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 253, faults);
        if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(ConfigKeyCharacters))
        {
            faults.Add(Mismatch("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
        }

        if (value is "." or "..")
        {
            faults.Add($"must not be '{value}'");
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            faults.Add("must not start with '..'");
        }

        return faults;
    }

    /// <summary>Faults of the name of a port of a container: a service name of IANA (RFC 6335).</summary>
    public static IReadOnlyList<string> PortNameFaults(string value)
    {
        List<string> faults = [];
        AddTooLong(value, 15, faults);
        if (!PortNamePattern().IsMatch(value))
        {
            faults.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!value.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            faults.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            faults.Add("must not contain consecutive hyphens");
        }

        if (value.Length > 0 && (value[0] == '-' || value[^1] == '-'))
        {
            faults.Add("must not begin or end with a hyphen");
        }

        return faults;
    }

    /// <summary>Faults of the name of an environment variable: any printable ASCII but <c>=</c>.</summary>
    public static IReadOnlyList<string> EnvironmentNameFaults(string value) =>
        value.Length == 0 ? ["environment variable name must be non-empty"]
        : value.Any(c => c is < ' ' or > '~' or '=')
            ? ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
        : [];

    /// <summary>What is said of a value that does not match a pattern.</summary>
    public static string Mismatch(string rule, string pattern, params ReadOnlySpan<string> examples)
    {
        // The comma and the blanks are Kubernetes'.
        var quoted = new List<string>(examples.Length);
        foreach (var example in examples)
        {
            quoted.Add($"'{example}', ");
        }

        return quoted.Count == 0 ? $"{rule} (regex used for validation is '{pattern}')" : $"{rule} (e.g. {string.Join(" or ", quoted)}regex used for validation is '{pattern}')";
    }

    private static void AddTooLong(string value, int maximum, List<string> faults)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(value) > maximum)
        {
            faults.Add($"must be no more than {maximum} characters");
        }
    }

    // A prefix may end in the dash that separates it from what the server adds.
    private static string Masked(string name, bool prefix) => prefix && name.Length > 1 && name[^1] == '-' ? name[..^2] + "a" : name;

    [GeneratedRegex("^" + Subdomain + @"\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex("^" + Label + @"\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1035Pattern();

    [GeneratedRegex(@"^[-a-z0-9]+\z")]
    private static partial Regex PortNamePattern();
}
