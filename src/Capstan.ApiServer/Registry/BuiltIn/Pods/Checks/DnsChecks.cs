using System.Text.RegularExpressions;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of how names are looked up in a pod, and how it is named itself.</summary>
internal static partial class DnsChecks
{
    private const int MostNameservers = 3;
    private const int MostSearches = 32;
    private const int LongestSearch = 2048;
    private const int LongestHostname = 64;
    private const string Segment = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

    /// <summary>Name servers and search paths.</summary>
    public static void CheckConfig(Place spec)
    {
        var config = spec["dnsConfig"];
        var servers = config["nameservers"];
        if (spec["dnsPolicy"].Text == "None" && (!config.Exists || servers.Count == 0))
        {
            if (config.Exists)
            {
                servers.Required("must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
            else
            {
                config.Required("must provide `dnsConfig` when `dnsPolicy` is None");
            }

            return;
        }

        if (servers.Count > MostNameservers)
        {
            servers.Invalid($"must not have more than {MostNameservers} nameservers");
        }

        foreach (var server in servers.Items)
        {
            Addresses.Address(server);
        }

        var searches = config["searches"];
        if (searches.Count > MostSearches)
        {
            searches.Invalid($"must not have more than {MostSearches} search paths");
        }

        if (string.Join(' ', searches.Items.Select(s => s.Text)).Length > LongestSearch)
        {
            searches.Invalid($"must not have more than {LongestSearch} characters (including spaces) in the search list");
        }

        foreach (var search in searches.Items.Where(s => s.Text != "."))
        {
            CheckSearch(search, search.Text.EndsWith('.') ? search.Text[..^1] : search.Text);
        }

        foreach (var option in config["options"].Items.Where(o => !o["name"].HasText))
        {
            option.Required("must not be empty");
        }
    }

    /// <summary>A name of the pod's own.</summary>
    public static void CheckHostname(Place spec)
    {
        var name = spec["hostnameOverride"];
        if (!name.Exists)
        {
            return;
        }

        if (spec["setHostnameAsFQDN"].Flag)
        {
            name.Forbidden("may not be specified when setHostnameAsFQDN is true");
        }

        if (spec["hostNetwork"].Flag)
        {
            name.Forbidden("may not be specified when hostNetwork is true");
        }

        if (name.Text.Length > LongestHostname)
        {
            name.TooLong(LongestHostname);
        }

        name.Follows(Naming.SubdomainFaults);
    }

    /// <summary>Names of other machines.</summary>
    public static void CheckAliases(Place aliases)
    {
        foreach (var alias in aliases.Items)
        {
            Addresses.Address(alias["ip"]);
            foreach (var name in alias["hostnames"].Items)
            {
                name.Follows(Naming.SubdomainFaults);
            }
        }
    }

    private static void CheckSearch(Place search, string name)
    {
        if (name.Length > 253)
        {
            search.Invalid(name, "must be no more than 253 characters");
        }

        if (!SearchPath().IsMatch(name))
        {
            search.Invalid(name, Naming.Mismatch(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
                Segment + @"(\." + Segment + ")*", "example.com"));
        }
    }

    [GeneratedRegex("^" + Segment + @"(\." + Segment + @")*\z")]
    private static partial Regex SearchPath();
}
