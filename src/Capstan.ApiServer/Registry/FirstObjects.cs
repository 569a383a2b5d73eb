using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Registry;

/// <summary>What is there before anybody writes: the namespaces of every cluster, and the roles and bindings that Kubernetes comes with.</summary>
internal static class FirstObjects
{
    public static void Create(Catalogue catalogue, Writes writes)
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Create(catalogue.Find("", "v1", "namespaces")!, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, writes);
        }

        foreach (var (plural, obj) in FirstRoles.All())
        {
            Create(catalogue.Find(FirstRoles.Group, "v1", plural)!, obj, writes);
        }
    }

    private static void Create(ServedResource served, JsonObject obj, Writes writes)
    {
        var ns = obj.Text("metadata", "namespace") ?? "";
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
        writes.Create(new WriteRequest(served, info, new WriteOptions(false, "kube-apiserver", FieldValidation.Warn, false), UserInfo.Server, []), new Body(obj, []));
    }
}
