using System.Text;
using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of StorageClass, VolumeAttributesClass and VolumeAttachment.</summary>
internal static class StorageChecks
{
    private const int MaxParameters = 512;
    private const int MaxParameterBytes = 256 << 10;

    /// <summary>StorageClass.</summary>
    public static readonly KindCheck Class = new(CheckClass)
    {
        Update = (storageClass, old) =>
        {
            CheckClass(storageClass);
            foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"])
            {
                storageClass[field].Unchanged(old[field]);
            }
        },
        Warn = storageClass => storageClass["allowedTopologies"].Items.SelectMany(t => t["matchLabelExpressions"].Items)
            .Select(e => DeprecatedNodeLabels.Of(e["key"].Text) is { } message ? $"{e["key"].Path}: {message}" : null).OfType<string>(),
    };

    /// <summary>VolumeAttributesClass.</summary>
    public static readonly KindCheck AttributesClass = new(CheckAttributesClass)
    {
        Update = (attributes, old) =>
        {
            foreach (var field in (ReadOnlySpan<string>)["driverName", "parameters"])
            {
                if (!JsonNode.DeepEquals(attributes[field].Value, old[field]))
                {
                    attributes[field].Forbidden($"updates to {field} are forbidden.");
                }
            }

            CheckAttributesClass(attributes);
        },
    };

    /// <summary>VolumeAttachment.</summary>
    public static readonly KindCheck Attachment = new(CheckAttachment)
    {
        Update = (attachment, old) =>
        {
            CheckAttachment(attachment);
            attachment["spec"].Unchanged(old["spec"]);
        },
    };

    private static void CheckClass(Place storageClass)
    {
        CheckProvisioner(storageClass["provisioner"]);
        CheckParameters(storageClass["parameters"], mayBeEmpty: true);
        if (storageClass["reclaimPolicy"].HasText)
        {
            storageClass["reclaimPolicy"].OneOf("Delete", "Retain");
        }

        if (!storageClass["volumeBindingMode"].Exists)
        {
            storageClass["volumeBindingMode"].Required();
        }
        else
        {
            storageClass["volumeBindingMode"].OneOf("Immediate", "WaitForFirstConsumer");
        }

        List<JsonNode?> terms = [];
        foreach (var term in storageClass["allowedTopologies"].Items)
        {
            CheckTerm(term);
            if (terms.Any(t => JsonNode.DeepEquals(t, term.Value)))
            {
                term["matchLabelExpressions"].As($"{term.Path}.matchLabelExpressions").Invalid("", "");
            }

            terms.Add(term.Value);
        }
    }

    private static void CheckTerm(Place term)
    {
        HashSet<string> keys = [];
        foreach (var expression in term["matchLabelExpressions"].Items)
        {
            if (expression["values"].Count == 0)
            {
                expression["values"].Required();
            }

            HashSet<string> values = [];
            foreach (var value in expression["values"].Items.Where(v => !values.Add(v.Text)))
            {
                value.Duplicate();
            }

            expression["key"].Follows(LabelSyntax.KeyFaults);
            if (!keys.Add(expression["key"].Text))
            {
                expression["key"].Duplicate();
            }
        }
    }

    private static void CheckAttributesClass(Place attributes)
    {
        CheckProvisioner(attributes["driverName"]);
        CheckParameters(attributes["parameters"], mayBeEmpty: false);
    }

    private static void CheckProvisioner(Place provisioner)
    {
        if (!provisioner.HasText)
        {
            provisioner.Required();
            return;
        }

        foreach (var fault in LabelSyntax.KeyFaults(provisioner.Text.ToLowerInvariant()))
        {
            provisioner.Invalid(provisioner.Text.ToLowerInvariant(), fault);
        }
    }

    private static void CheckParameters(Place parameters, bool mayBeEmpty)
    {
        if (parameters.Count > MaxParameters)
        {
            parameters.TooLong(MaxParameters);
            return;
        }

        var bytes = 0L;
        foreach (var (name, value) in parameters.Entries)
        {
            if (name.Length == 0)
            {
                parameters.Invalid(name, "field can not be empty.");
            }

            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value.Text);
        }

        if (bytes > MaxParameterBytes)
        {
            parameters.TooLong(MaxParameterBytes);
        }

        if (!mayBeEmpty && parameters.Count == 0)
        {
            parameters.Required("must contain at least one key/value pair");
        }
    }

    private static void CheckAttachment(Place attachment)
    {
        var spec = attachment["spec"];
        CsiChecks.CheckDriverName(spec["attacher"]);
        var (source, volume) = (spec["source"], spec["source"]["persistentVolumeName"]);
        switch (source["inlineVolumeSpec"].Exists, volume.Exists)
        {
            case (false, false):
                source.Required("must specify exactly one of inlineVolumeSpec and persistentVolumeName");
                break;
            case (true, true):
                source.Forbidden("must specify exactly one of inlineVolumeSpec and persistentVolumeName");
                break;
            case (false, true) when !volume.HasText:
                volume.Required("must specify non empty persistentVolumeName");
                break;
            case (true, false):
                VolumeChecks.CheckSpec(source["inlineVolumeSpec"], isInline: true);
                break;
        }

        spec["nodeName"].Follows(Naming.SubdomainFaults);
        if (volume.Exists)
        {
            volume.Follows(Naming.SubdomainFaults);
        }
    }
}
