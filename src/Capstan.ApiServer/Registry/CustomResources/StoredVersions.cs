using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>How objects of a custom resource are stored: in one version, though older ones may still lie there in another. Immutable.</summary>
/// <param name="ApiVersion">The version in which objects are stored now.</param>
/// <param name="Schemas">Of each declared version, by <c>group/version</c>.</param>
/// <param name="Since">Objects of later revisions were stored by these schemas; earlier ones may lack what the schemas add.</param>
internal sealed record StoredVersions(string ApiVersion, IReadOnlyDictionary<string, Schema> Schemas, long Since)
{
    /// <summary>Brings a stored object up to the schema of the version that it is stored in, then cuts it to what <paramref name="wanted"/> knows.</summary>
    public void Read(JsonObject stored, string wanted)
    {
        var own = stored.Text("apiVersion") ?? "";
        if (Schemas.TryGetValue(own, out var schema))
        {
            Pruning.Prune(stored, schema, isRoot: true, null);
            Defaulting.Apply(stored, schema);
        }

        if (own != wanted && Schemas.TryGetValue(wanted, out var other))
        {
            Pruning.Prune(stored, other, isRoot: true, null);
        }
    }

    /// <summary>Cuts an object of another version to what the stored version knows, and fills in what that adds.</summary>
    public void Write(JsonObject obj, string from)
    {
        if (from != ApiVersion)
        {
            var schema = Schemas[ApiVersion];
            Pruning.Prune(obj, schema, isRoot: true, null);
            Defaulting.Apply(obj, schema);
        }
    }
}
