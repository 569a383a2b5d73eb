using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Registry;

/// <summary>What is there before anybody writes: the namespaces of every cluster.</summary>
internal static class FirstObjects
{
    public static void Create(Catalogue catalogue, Writes writes)
    {
        var namespaces = catalogue.Find("", "v1", "namespaces")!;
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            var info = new RequestInfo { Method = "POST", Path = "/api/v1/namespaces", Verb = "create", Query = QueryCollection.Empty, IsResource = true, Version = "v1", Resource = "namespaces" };
            var request = new WriteRequest(namespaces, info, new WriteOptions(false, "kube-apiserver", FieldValidation.Warn, false), new UserInfo("system:apiserver", ["system:masters"]), []);
            writes.Create(request, new Body(new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, []));
        }
    }
}
