using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Applying;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>One object of a Database as it is wanted.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Manifest">Every field that the operator wants, and no other.</param>
internal sealed record Child(ResourceType Type, JsonObject Manifest)
{
    /// <summary>Annotation with a hash of the manifest: a field that is no longer wanted is seen by it, although all that are wanted agree.</summary>
    public const string AppliedHash = "database.example.com/applied-hash";

    public string Name => (string)Manifest["metadata"]!["name"]!;

    public ObjectKey Key => new((string)Manifest["metadata"]!["namespace"]!, Name);

    /// <summary>A manifest of this name, labelled as the Database's own and controlled by it, with these further fields.</summary>
    public static Child Of(Database database, ResourceType type, string name, JsonObject fields, JsonObject? annotations = null) =>
        Of(database, type, name, Labels(database), fields, annotations);

    /// <summary>A manifest of this name, controlled by an object of the operator's kinds, with these labels and these further fields.</summary>
    public static Child Of<TOwner>(TOwner owner, ResourceType type, string name, JsonObject labels, JsonObject fields, JsonObject? annotations = null)
        where TOwner : KubeObject, IKubeObject<TOwner>
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = owner.Metadata.Namespace,
            ["labels"] = labels,
            ["annotations"] = annotations ?? [],
        };
        var manifest = new JsonObject { ["metadata"] = metadata };
        foreach (var (field, value) in fields)
        {
            manifest[field] = value?.DeepClone();
        }

        // Blocking the owner's deletion would need the right to change its finalizers, and nothing here waits for it.
        Owners.SetController(owner, type, manifest, blockOwnerDeletion: false);
        metadata["annotations"]![AppliedHash] = HashOf(manifest);
        return new(type, manifest);
    }

    /// <summary>The labels of everything that belongs to a Database.</summary>
    public static JsonObject Labels(Database database) => new() { ["app"] = "database", ["database"] = database.Metadata.Name, [ChildNames.ManagedBy] = ChildNames.Manager };

    /// <summary>The labels by which its pods are selected; they can never change.</summary>
    public static JsonObject Selector(Database database) => new() { ["app"] = "database", ["database"] = database.Metadata.Name };

    private static string HashOf(JsonObject manifest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest.ToJsonString())).AsSpan(0, 10));
}
