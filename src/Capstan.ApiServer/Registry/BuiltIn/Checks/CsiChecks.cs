using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of what storage drivers say of themselves: CSIDriver, CSINode, CSIStorageCapacity.</summary>
internal static class CsiChecks
{
    private const int MaxDriverNameLength = 63;
    private const int MaxNodeIdLength = 256;

    /// <summary>CSIDriver.</summary>
    public static readonly KindCheck Driver = new(driver => CheckDriver(driver["spec"]))
    {
        Update = (driver, old) =>
        {
            CheckDriver(driver["spec"]);
            driver["spec"]["attachRequired"].As("spec.attachedRequired").Unchanged(old.At("spec", "attachRequired"));
            driver["spec"]["volumeLifecycleModes"].Unchanged(old.At("spec", "volumeLifecycleModes"));
        },
    };

    /// <summary>CSINode.</summary>
    public static readonly KindCheck Node = new(CheckNode)
    {
        Update = (node, old) =>
        {
            CheckNode(node);
            foreach (var was in old.Items("spec", "drivers"))
            {
                foreach (var now in node["spec"]["drivers"].Items.Where(d => d["name"].Text == was.Text("name") && !JsonNode.DeepEquals(Fixed(d.Value), Fixed(was))))
                {
                    (now with { Value = Fixed(now.Value) }).As("spec.drivers").Invalid("field is immutable");
                }
            }
        },
    };

    /// <summary>CSIStorageCapacity.</summary>
    public static readonly KindCheck Capacity = new(CheckCapacity)
    {
        Update = (capacity, old) =>
        {
            CheckCapacity(capacity);
            capacity["nodeTopology"].Unchanged(old["nodeTopology"]);
            capacity["storageClassName"].Unchanged(old["storageClassName"]);
        },
        Warn = capacity => capacity["nodeTopology"]["matchExpressions"].Items
            .Select(e => DeprecatedNodeLabels.Of(e["key"].Text) is { } message ? $"{e["key"].Path}: {e["key"].Text} is {message}" : null).OfType<string>(),
    };

    /// <summary>Must be the name of a driver.</summary>
    public static void CheckDriverName(Place name)
    {
        if (!name.HasText)
        {
            name.Required();
            return;
        }

        if (name.Text.Length > MaxDriverNameLength)
        {
            name.TooLong(MaxDriverNameLength);
        }

        foreach (var fault in Naming.SubdomainFaults(name.Text.ToLowerInvariant()))
        {
            name.Invalid(fault);
        }
    }

    private static JsonObject Fixed(JsonNode? driver)
    {
        var clone = driver?.DeepClone() as JsonObject ?? [];
        clone.Remove("allocatable");
        return clone;
    }

    private static void CheckDriver(Place spec)
    {
        spec["fsGroupPolicy"].NoneOrOneOf("File", "None", "ReadWriteOnceWithFSType");
        HashSet<string> audiences = [];
        foreach (var request in spec["tokenRequests"].Items)
        {
            if (!audiences.Add(request["audience"].Text))
            {
                request["audience"].Duplicate();
                continue;
            }

            var seconds = request["expirationSeconds"];
            if (seconds.Exists && seconds.Number < 600)
            {
                seconds.Invalid("may not specify a duration less than 10 minutes");
            }

            if (seconds.Number > 1L << 32)
            {
                seconds.Invalid("may not specify a duration larger than 2^32 seconds");
            }
        }

        foreach (var mode in spec["volumeLifecycleModes"].Items.Where(m => m.Text is not ("Persistent" or "Ephemeral")))
        {
            mode.As(spec["volumeLifecycleModes"].Path).NotSupported("Persistent", "Ephemeral");
        }

        var period = spec["nodeAllocatableUpdatePeriodSeconds"];
        if (period.Exists && period.Number < 10)
        {
            period.Invalid("must be greater than or equal to 10 seconds");
        }

        if (spec["serviceAccountTokenInSecrets"].Exists && spec["tokenRequests"].Count == 0)
        {
            spec["serviceAccountTokenInSecrets"].Invalid("serviceAccountTokenInSecrets is set but no tokenRequests are specified");
        }
    }

    private static void CheckNode(Place node)
    {
        HashSet<string> names = [];
        foreach (var driver in node["spec"]["drivers"].Items)
        {
            CheckDriverName(driver["name"]);
            if (!driver["nodeID"].HasText)
            {
                driver["nodeID"].Required();
            }
            else if (driver["nodeID"].Text.Length > MaxNodeIdLength)
            {
                driver["nodeID"].Invalid($"must be {MaxNodeIdLength} characters or less");
            }

            driver["allocatable"]["count"].NotNegative();
            if (!names.Add(driver["name"].Text))
            {
                driver["name"].Duplicate();
            }

            HashSet<string> keys = [];
            foreach (var key in driver["topologyKeys"].Items.Select(k => k.As(driver.Path)))
            {
                if (!key.HasText)
                {
                    key.Required();
                }

                if (!keys.Add(key.Text))
                {
                    key.Duplicate();
                }

                key.Follows(LabelSyntax.KeyFaults);
            }
        }
    }

    private static void CheckCapacity(Place capacity)
    {
        capacity["nodeTopology"].Selector();
        capacity["storageClassName"].Follows(Naming.SubdomainFaults);
        Amounts.NotNegative(capacity["capacity"]);
    }
}
