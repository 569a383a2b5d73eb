using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Registry;

/// <summary>What is there before anybody writes, and again after a restart if somebody removed it: the namespaces of every cluster, the priorities of its own parts,
/// and the roles and bindings that Kubernetes comes with.</summary>
internal static class FirstObjects
{
    public static async Task CreateAsync(Catalogue catalogue, Store store, Writes writes)
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            await CreateAsync(catalogue.Find("", "v1", "namespaces")!, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, store, writes);
        }

        await CreateAsync(catalogue.Find("", "v1", "services")!, ServiceOfApi(), store, writes);
        foreach (var (name, value, description) in PriorityClassRules.OfSystem)
        {
            var priority = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["value"] = value, ["description"] = description };
            await CreateAsync(catalogue.Find("scheduling.k8s.io", "v1", "priorityclasses")!, priority, store, writes);
        }

        foreach (var (plural, obj) in FirstRoles.All())
        {
            await CreateAsync(catalogue.Find(FirstRoles.Group, "v1", plural)!, obj, store, writes);
        }
    }

    /// <summary>By which pods know the API.</summary>
    private static JsonObject ServiceOfApi() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = Certificates.ServiceAddress.ToString(),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
        },
    };

    private static async Task CreateAsync(ServedResource served, JsonObject obj, Store store, Writes writes)
    {
        var ns = obj.Text("metadata", "namespace") ?? "";
        if (store.Find(served.Bucket, new ObjectKey(ns, obj.Text("metadata", "name")!)) is not null)
        {
            return;
        }

        var info = new RequestInfo
        {
            Method = "POST",
            Path = "",
            Verb = "create",
            Query = QueryCollection.Empty,
            IsResource = true,
            Group = served.Type.Group,
            Version = served.Type.Version,
            Resource = served.Type.Plural,
            Namespace = ns,
        };
        await writes.CreateAsync(new WriteRequest(served, info, new WriteOptions(false, "kube-apiserver", FieldValidation.Warn, false), UserInfo.Server, []), new Body(obj, []));
    }
}
