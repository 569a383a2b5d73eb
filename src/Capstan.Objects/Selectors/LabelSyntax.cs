using System.Text;

namespace Capstan.Selectors;

/// <summary>What may be a label's key and value, and how Kubernetes words it when it may not.</summary>
public static class LabelSyntax
{
    private const string NamePattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string SubdomainPattern = @"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
    private const string NameRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private const string NameFault = $"{NameRule} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{NamePattern}')";

    /// <summary>Faults of a label or annotation key (a qualified name: <c>[dns-prefix/]name</c>); empty when it is well formed.</summary>
    public static IReadOnlyList<string> KeyFaults(string key)
    {
        var faults = new List<string>();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && key.IndexOf('/', slash + 1) >= 0)
        {
            faults.Add($"a valid label key {NameFault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return faults;
        }

        if (slash == 0)
        {
            faults.Add("prefix part must be non-empty");
        }
        else if (slash > 0)
        {
            faults.AddRange(SubdomainFaults(key[..slash]).Select(fault => $"prefix part {fault}"));
        }

        var name = key[(slash + 1)..];
        if (name.Length == 0)
        {
            faults.Add("name part must be non-empty");
        }
        else if (Encoding.UTF8.GetByteCount(name) > 63)
        {
            faults.Add("name part must be no more than 63 bytes");
        }

        if (!IsName(name))
        {
            faults.Add($"name part {NameFault}");
        }

        return faults;
    }

    /// <summary>Faults of a label's value; empty when it is well formed.</summary>
    public static IReadOnlyList<string> ValueFaults(string value)
    {
        var faults = new List<string>();
        if (Encoding.UTF8.GetByteCount(value) > 63)
        {
            faults.Add("must be no more than 63 bytes");
        }

        if (value.Length > 0 && !IsName(value))
        {
            faults.Add($"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
                + $" (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({NamePattern})?')");
        }

        return faults;
    }

    /// <summary>Faults of a lower-case DNS subdomain (RFC 1123), as names of most objects must be; empty when it is well formed.</summary>
    public static IReadOnlyList<string> SubdomainFaults(string name)
    {
        var faults = new List<string>();
        if (Encoding.UTF8.GetByteCount(name) > 253)
        {
            faults.Add("must be no more than 253 bytes");
        }

        if (!IsSubdomain(name))
        {
            faults.Add("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
                + $" (e.g. 'example.com', regex used for validation is '{SubdomainPattern}')");
        }

        return faults;
    }

    private static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsSubdomain(string text)
    {
        foreach (var range in text.AsSpan().Split('.'))
        {
            var part = text.AsSpan(range);
            if (part.IsEmpty || part[0] == '-' || part[^1] == '-')
            {
                return false;
            }

            foreach (var c in part)
            {
                if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                {
                    return false;
                }
            }
        }

        return true;
    }
}
