using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>Claims of volumes count by number and by size, and both once more by their storage class.</summary>
internal sealed class ClaimMeter(GroupResource resource) : QuotaMeter(resource)
{
    private const string OfClass = ".storageclass.storage.k8s.io/";

    private static readonly string[] Names = ["persistentvolumeclaims", "requests.storage"];

    public override bool ChangesWithObject => true;

    public override bool Measures(string name) => base.Measures(name) || Names.Any(known => name == known || name.EndsWith(OfClass + known, StringComparison.Ordinal));

    public override bool IsChargedAt(string subresource, JsonObject? old, JsonObject obj) => subresource is "" or "status";

    public override IReadOnlyDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = new Dictionary<string, Quantity>(base.Usage(obj, now)) { ["persistentvolumeclaims"] = Quantity.FromInt64(1) };
        if (Amount(obj["spec"]?["resources"]?["requests"]) is { } asked)
        {
            // A volume may already be larger than what is now asked for.
            var given = Amount(obj["status"]?["allocatedResources"]);
            usage["requests.storage"] = given > asked ? given.Value : asked;
        }

        var storageClass = (string?)obj["metadata"]?["annotations"]?["volume.beta.kubernetes.io/storage-class"] ?? (string?)obj["spec"]?["storageClassName"];
        foreach (var name in string.IsNullOrEmpty(storageClass) ? [] : Names.Where(usage.ContainsKey).ToList())
        {
            usage[storageClass + OfClass + name] = usage[name];
        }

        return usage;
    }

    private protected override bool IsInScope(QuotaScope scope, JsonObject obj) => scope.Name == "VolumeAttributesClass" && scope.Matches(Classes(obj));

    private static List<string> Classes(JsonObject claim)
    {
        string?[] names =
        [
            (string?)claim["spec"]?["volumeAttributesClassName"],
            (string?)claim["status"]?["currentVolumeAttributesClassName"],
            (string?)claim["status"]?["modifyVolumeStatus"]?["targetVolumeAttributesClassName"],
        ];
        return [.. names.OfType<string>().Where(name => name.Length > 0)];
    }

    private static Quantity? Amount(JsonNode? list) => Quantity.TryParse(list?["storage"]?.ToString(), out var amount, out _) && list?["storage"] is not null ? amount : null;
}
