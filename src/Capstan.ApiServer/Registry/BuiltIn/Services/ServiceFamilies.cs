using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Faults of a Service's cluster addresses and of the families that they are of. This server has IPv4 alone.</summary>
internal static class ServiceFamilies
{
    private const string OnlyFamily = "IPv4";
    private const string Fixed = "may not change once set";
    private static readonly string[] Families = [OnlyFamily, "IPv6"];
    private static readonly string[] Policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];

    /// <summary>Adds the faults of the fields as such.</summary>
    public static void Check(Place spec, JsonObject? old)
    {
        if (spec["type"].Text == "ExternalName")
        {
            return;
        }

        var (first, addresses, families) = (spec["clusterIP"], spec["clusterIPs"], spec["ipFamilies"]);
        if (first.HasText)
        {
            if (addresses.Count == 0)
            {
                addresses.Required();
            }
            else if (addresses.Items.First().Text != first.Text)
            {
                addresses.Invalid("first value must match `clusterIP`");
            }
        }
        else if (addresses.Count > 0)
        {
            addresses.Invalid("must be empty when `clusterIP` is not specified");
        }

        HashSet<string> seen = [];
        foreach (var family in families.Items)
        {
            family.OneOf(Families);
            if (!seen.Add(family.Text))
            {
                family.Duplicate();
            }
        }

        spec["ipFamilyPolicy"].NoneOrOneOf(Policies);
        if (CheckAddresses(addresses, old))
        {
            CheckPairs(spec, addresses, families);
        }
    }

    /// <summary>Adds the faults of what this server cannot give.</summary>
    public static void CheckConfigured(Place spec)
    {
        var (addresses, families, policy) = (spec["clusterIPs"], spec["ipFamilies"], spec["ipFamilyPolicy"]);
        if (spec["type"].Text == "ExternalName")
        {
            return;
        }

        if (policy.Text == "SingleStack")
        {
            foreach (var (list, name) in (ReadOnlySpan<(Place, string)>)[(addresses, "cluster IPs"), (families, "IP families")])
            {
                if (list.Count == 2)
                {
                    policy.Invalid($"must be 'RequireDualStack' or 'PreferDualStack' when multiple {name} are specified");
                }
            }
        }

        foreach (var address in addresses.Items.Skip(families.Count).TakeWhile(a => a.Text != "None").Where(a => Addresses.IsVersion6(a.Text)))
        {
            (address with { Value = addresses.Value }).Invalid("IPv6 is not configured on this cluster");
        }

        if (spec["clusterIP"].Text == "None" && spec["selector"].Count == 0)
        {
            return;
        }

        if (policy.Text == "RequireDualStack")
        {
            policy.Invalid("this cluster is not configured for dual-stack services");
        }

        foreach (var family in families.Items.Where(f => f.Text != OnlyFamily))
        {
            family.Invalid("not configured on this cluster");
        }
    }

    /// <summary>Adds the faults of a change of addresses and families.</summary>
    public static void CheckKept(Place spec, JsonObject old)
    {
        if (spec["type"].Text == "ExternalName" || old.Text("spec", "type") == "ExternalName")
        {
            return;
        }

        var (addresses, before) = (spec["clusterIPs"], old.Items("spec", "clusterIPs"));
        var (headless, wasHeadless) = (ServiceValidation.IsHeadless(spec), before.Count == 1 && before[0].Text() == "None");
        if (!(headless && wasHeadless))
        {
            CheckKeptAddresses(addresses, before);
        }

        var (families, familiesBefore) = (spec["ipFamilies"], old.Items("spec", "ipFamilies"));
        if (!headless && !wasHeadless)
        {
            foreach (var (family, was) in families.Items.Zip(familiesBefore).Where(p => p.First.Text != p.Second.Text()).Take(families.Count == familiesBefore.Count ? 2 : 1))
            {
                (families with { Path = $"{families.Path}[0]" }).Invalid(Fixed);
            }
        }
    }

    private static void CheckKeptAddresses(Place addresses, IList<JsonNode?> before)
    {
        if (addresses.Count == 0 && before.Count > 0)
        {
            addresses.As($"{addresses.Path}[0]").Invalid("primary clusterIP can not be unset");
        }

        foreach (var (address, was) in addresses.Items.Zip(before).Take(addresses.Count == before.Count ? 2 : 1))
        {
            if (address.Text != was.Text())
            {
                (address with { Value = addresses.Value }).Invalid(Fixed);
            }
        }
    }

    private static bool CheckAddresses(Place addresses, JsonObject? old)
    {
        var before = old.Items("spec", "clusterIPs").Select(a => a.Text()).ToList();
        var sound = true;
        foreach (var (address, i) in addresses.Items.Select((a, i) => (a, i)))
        {
            if (i > 0 || address.Text != "None")
            {
                sound &= Addresses.Address(address, before);
            }
            else if (addresses.Count > 1)
            {
                addresses.Invalid("'None' must be the first and only value");
                sound = false;
            }
        }

        if (addresses.Count > 2)
        {
            addresses.Invalid("may only hold up to 2 values");
        }

        return sound;
    }

    private static void CheckPairs(Place spec, Place addresses, Place families)
    {
        if (addresses.Count > 1 && addresses.Items.Select(a => Addresses.IsVersion6(a.Text)).Distinct().Count() < 2)
        {
            addresses.Invalid("may specify no more than one IP for each IP family");
        }

        if (ServiceValidation.IsHeadless(spec))
        {
            return;
        }

        foreach (var ((address, family), i) in addresses.Items.Zip(families.Items).Select((p, i) => (p, i)))
        {
            if (family.Text is (OnlyFamily or "IPv6") && Addresses.IsVersion6(address.Text) != (family.Text == "IPv6"))
            {
                address.Invalid($"expected an {family.Text} value as indicated by `ipFamilies[{i}]`");
            }
        }
    }
}
