using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Databases.Desired;
using Databases.Resources;

namespace Capstan.Tool.DatabaseAccess;

/// <summary>Reads from a cluster what libpq needs to reach a Database.</summary>
internal sealed class ConnectionReading(KubeClient client)
{
    private static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);
    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);

    /// <summary>libpq's environment variables.</summary>
    /// <exception cref="CannotRunException">There is no such Database, it is not ready, or a part of it is missing; the message says which.</exception>
    /// <exception cref="ApiException">Refused.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(ObjectKey key, bool readOnly, CancellationToken stop)
    {
        var database = await client.FindAsync<Database>(key, stop) ?? throw await NotThereAsync(key, stop);
        if (database.Status is not { Ready: true, SecretName: { } secretName })
        {
            throw NotReady(key, database.Status);
        }

        var secret = await PartAsync(Secrets, new(key.Namespace, secretName), stop);
        var service = (await PartAsync(Services, new(key.Namespace, readOnly ? ChildNames.ReadOnly(database) : ChildNames.Primary(database)), stop)).ToJson()["spec"]!;
        var address = (string?)service["clusterIP"];
        if (!IPAddress.TryParse(address, out _))
        {
            throw new CannotRunException($"Service {key.Namespace}/{(readOnly ? ChildNames.ReadOnly(database) : ChildNames.Primary(database))} has no cluster IP");
        }

        return new Dictionary<string, string>
        {
            ["PGHOST"] = Value("host"),
            ["PGHOSTADDR"] = address,
            ["PGPORT"] = ((int?)(service["ports"] as JsonArray)?[0]?["port"] ?? ChildNames.Port).ToString(CultureInfo.InvariantCulture),
            ["PGDATABASE"] = Value("dbname"),
            ["PGUSER"] = Value("username"),
            ["PGPASSWORD"] = Value("password"),
        };

        string Value(string name) => Credentials.Value(secret, name) ?? throw new CannotRunException($"Secret {secret.Key} has no {name}");
    }

    private async Task<CannotRunException> NotThereAsync(ObjectKey key, CancellationToken stop)
    {
        var kind = new GroupVersionKind(Database.Resource.Group, Database.Resource.Version, Database.Resource.Kind);
        return await client.Discovery.FindAsync(kind, stop) is null
            ? new($"the cluster at {client.Config.Server} has no Databases: the operator is not installed there")
            : new($"there is no Database {key.Name} in namespace {key.Namespace} (kubectl get databases -A lists all)");
    }

    private static CannotRunException NotReady(ObjectKey key, DatabaseStatus? status)
    {
        var ready = status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        return new($"Database {key} is not ready: {status?.Phase ?? "the operator has not seen it yet"}{(ready?.Message is { Length: > 0 } message ? $", {message}" : "")} (kubectl wait --for=condition=Ready database/{key.Name} -n {key.Namespace} waits for it)");
    }

    private async Task<DynamicObject> PartAsync(ResourceType type, ObjectKey key, CancellationToken stop) =>
        await client.FindAsync(type, key, stop) ?? throw new CannotRunException($"{type.Kind} {key} is not there: the operator makes it again when it runs");
}
