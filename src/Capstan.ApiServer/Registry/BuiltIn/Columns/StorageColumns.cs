using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Tables of volumes and storage.</summary>
internal static class StorageColumns
{
    private static readonly (string Mode, string Short)[] AccessModes =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];

    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All =
    [
        ("", "PersistentVolumeClaim",
        [
            Name,
            Text("Status", "Phase of the claim.", Phase),
            Text("Volume", "Volume that is bound.", o => o.Text("spec", "volumeName")),
            Text("Capacity", "Size of the volume.", o => IsBound(o) ? o.Text("status", "capacity", "storage") ?? "0" : ""),
            Text("Access Modes", "How the volume may be mounted.", o => IsBound(o) ? Modes(o.Items("status", "accessModes")) : ""),
            Text("StorageClass", "Class of the storage.", o => ClassOf(o)),
            Text("VolumeAttributesClass", "Class of the volume's attributes.", o => o.Text("spec", "volumeAttributesClassName") ?? "<unset>"),
            Age,
            Wide(Text("VolumeMode", "File system or block device.", o => o.Text("spec", "volumeMode") ?? "<unset>")),
        ]),
        ("", "PersistentVolume",
        [
            Name,
            Text("Capacity", "Size of the volume.", o => o.Text("spec", "capacity", "storage") ?? "0"),
            Text("Access Modes", "How the volume may be mounted.", o => Modes(o.Items("spec", "accessModes"))),
            Text("Reclaim Policy", "What happens when the claim goes.", o => o.Text("spec", "persistentVolumeReclaimPolicy")),
            Text("Status", "Phase of the volume.", Phase),
            Text("Claim", "Claim that is bound.", o => o.Map("spec", "claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
            Text("StorageClass", "Class of the storage.", o => ClassOf(o)),
            Text("VolumeAttributesClass", "Class of the volume's attributes.", o => o.Text("spec", "volumeAttributesClassName") ?? "<unset>"),
            Text("Reason", "Why the volume failed.", o => o.Text("status", "reason")),
            Age,
            Wide(Text("VolumeMode", "File system or block device.", o => o.Text("spec", "volumeMode") ?? "<unset>")),
        ]),
        ("storage.k8s.io", "StorageClass",
        [
            Name with { Cell = (o, _) => NetworkColumns.DefaultName(o, "storageclass.kubernetes.io/is-default-class") },
            Text("Provisioner", "Who makes volumes.", o => o.Text("provisioner")),
            Text("ReclaimPolicy", "What happens to its volumes when their claims go.", o => o.Text("reclaimPolicy") ?? "Delete"),
            Text("VolumeBindingMode", "When volumes are bound.", o => o.Text("volumeBindingMode") ?? "Immediate"),
            Flag("AllowVolumeExpansion", "Whether volumes may grow.", o => o.Flag("allowVolumeExpansion"), "string"),
            Age,
        ]),
        ("storage.k8s.io", "CSIDriver",
        [
            Name,
            Flag("AttachRequired", "Whether volumes are attached before they are mounted.", o => o.Flag("spec", "attachRequired") ?? true),
            Flag("PodInfoOnMount", "Whether the driver is told of the pod.", o => o.Flag("spec", "podInfoOnMount")),
            Flag("StorageCapacity", "Whether the driver says how much room there is.", o => o.Flag("spec", "storageCapacity")),
            Text("TokenRequests", "Audiences of the tokens that the driver gets.", TokenRequests),
            Flag("RequiresRepublish", "Whether mounts are refreshed.", o => o.Flag("spec", "requiresRepublish")),
            Text("Modes", "What kinds of volumes there are.", o => Joined(o.Items("spec", "volumeLifecycleModes")) is { Length: > 0 } modes ? modes : "<none>"),
            Age,
        ]),
        ("storage.k8s.io", "CSINode", [Name, Number("Drivers", "How many drivers the node has.", o => o.Items("spec", "drivers").Count), Age]),
        ("storage.k8s.io", "VolumeAttachment",
        [
            Name,
            Text("Attacher", "Who attaches the volume.", o => o.Text("spec", "attacher")) with { Format = "name" },
            Text("PV", "Volume that is attached.", o => o.Text("spec", "source", "persistentVolumeName")),
            Text("Node", "Node it is attached to.", o => o.Text("spec", "nodeName")),
            Flag("Attached", "Whether it is attached.", o => o.Flag("status", "attached")),
            Age,
        ]),
        ("storage.k8s.io", "VolumeAttributesClass", [Name, Text("DriverName", "Who knows the attributes.", o => o.Text("driverName")), Age]),
    ];

    private static string? Phase(JsonObject obj) => obj.Text("metadata", "deletionTimestamp") is null ? obj.Text("status", "phase") : "Terminating";

    private static bool IsBound(JsonObject claim) => !string.IsNullOrEmpty(claim.Text("spec", "volumeName"));

    // The annotation is older than the field and still wins.
    private static string ClassOf(JsonObject obj) =>
        obj.Text("metadata", "annotations", "volume.beta.kubernetes.io/storage-class") ?? obj.Text("spec", "storageClassName") ?? "";

    private static string Modes(IList<JsonNode?> modes) =>
        string.Join(",", AccessModes.Where(a => modes.Any(m => m.Text() == a.Mode)).Select(a => a.Short));

    private static string Joined(IList<JsonNode?> items) => string.Join(",", items.Select(i => i.Text()));

    private static string TokenRequests(JsonObject driver) => driver.At("spec", "tokenRequests") is null
        ? "<unset>"
        : string.Join(",", driver.Items("spec", "tokenRequests").Select(t => t.Text("audience")));
}
