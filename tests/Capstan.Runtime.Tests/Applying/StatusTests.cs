using System.Text;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

/// <summary>Trap 29, against whole servers: which writes see the status, and which count as a new generation.</summary>
public sealed class StatusTests
{
    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap29_main_and_status_writes_do_not_see_each_other(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await WithKindAsync(server, subresource: true, async widgets =>
        {
            var key = new ObjectKey(server.Namespace, "w");
            var made = await CreateAsync(server, widgets, """{"spec":{"size":1},"status":{"seen":1}}""");
            Assert.Null(made.ToJson()["status"]);
            var patched = await PatchAsync(key, """{"spec":{"size":2},"status":{"seen":2}}""", "status");
            Assert.Equal((1, 2, 1L), ((int)patched.ToJson()["spec"]!["size"]!, (int)patched.ToJson()["status"]!["seen"]!, patched.Generation));
            patched = await PatchAsync(key, """{"spec":{"size":3},"status":{"seen":3}}""", null);
            Assert.Equal((3, 2, 2L), ((int)patched.ToJson()["spec"]!["size"]!, (int)patched.ToJson()["status"]!["seen"]!, patched.Generation));
            patched = await PatchAsync(key, """{"metadata":{"labels":{"a":"b"},"finalizers":["example.com/hold"]}}""", null);
            Assert.Equal(2, patched.Generation);

            // What is held back from going is another generation, so that its reconciler looks.
            var deleted = await server.Client.DeleteAsync(widgets, key, null, Cancel);
            Assert.Equal(3, deleted!.Generation);
            await PatchAsync(key, """{"metadata":{"finalizers":null}}""", null);

            Task<DynamicObject> PatchAsync(ObjectKey of, string patch, string? subresource) =>
                server.Client.PatchAsync(widgets, of, PatchType.Merge, Encoding.UTF8.GetBytes(patch), new() { Subresource = subresource }, Cancel);
        });
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap29_without_the_subresource_a_status_is_a_field_like_any_other(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await WithKindAsync(server, subresource: false, async widgets =>
        {
            var key = new ObjectKey(server.Namespace, "w");
            await CreateAsync(server, widgets, """{"status":{"seen":1}}""");
            var patched = await server.Client.PatchAsync(widgets, key, PatchType.Merge, """{"status":{"seen":2}}"""u8.ToArray(), null, Cancel);
            Assert.Equal((2, 2L), ((int)patched.ToJson()["status"]!["seen"]!, patched.Generation));
            var error = await Assert.ThrowsAsync<ApiException>(() => new StatusWriter(server.Client).WriteAsync(widgets, key, null, new() { ["seen"] = 3 }, null, Cancel));
            Assert.True(error.IsNotFound, error.Message);
        });
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap29_the_generation_that_was_observed_is_that_of_the_start_whatever_came_since(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await WithKindAsync(server, subresource: true, async widgets =>
        {
            var key = new ObjectKey(server.Namespace, "w");
            var started = await CreateAsync(server, widgets, """{"spec":{"size":1}}""");
            await server.Client.PatchAsync(widgets, key, PatchType.Merge, """{"spec":{"size":2}}"""u8.ToArray(), null, Cancel);
            var writer = new StatusWriter(server.Client);
            var wanted = new JsonObject { ["observedGeneration"] = started.Generation };
            var written = await writer.WriteAsync(widgets, key, null, wanted, null, Cancel);
            Assert.Equal((2L, 1L), (written!.Generation, (long)written.ToJson()["status"]!["observedGeneration"]!));
            Assert.Null(await writer.WriteAsync(widgets, key, written.ToJson()["status"]!.AsObject(), wanted, null, Cancel));
            var lost = await Assert.ThrowsAsync<ApiException>(() => writer.WriteAsync(widgets, key, null, wanted, started.ResourceVersion, Cancel));
            Assert.True(lost.IsConflict, lost.Message);
        });
    }

    private static async Task<DynamicObject> CreateAsync(AnyServer server, ResourceType type, string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json["apiVersion"] = type.ApiVersion;
        json["kind"] = type.Kind;
        json["metadata"] = new JsonObject { ["name"] = "w", ["namespace"] = server.Namespace };
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await server.Client.CreateAsync(type, DynamicObject.From(json), null, Cancel);
            }
            catch (ApiException error) when (error.IsNotFound && tries < 200)
            {
                // A real server serves a new kind a moment after its definition says so.
                await Task.Delay(50, Cancel);
            }
        }
    }

    /// <summary>A kind of its own for one test, gone after it: others use the same server.</summary>
    private static async Task WithKindAsync(AnyServer server, bool subresource, Func<ResourceType, Task> test)
    {
        var group = $"{server.Namespace}.example.com";
        var type = new ResourceType(group, "v1", "Widget", "widgets", true);
        var definition = JsonNode.Parse($$$"""
            {"metadata":{"name":"widgets.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
             "versions":[{"name":"v1","served":true,"storage":true,{{{(subresource ? "\"subresources\":{\"status\":{}}," : "")}}}
              "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }] } }
            """)!.AsObject();
        await new Applier(server.Client, "test").ApplyAsync(Definitions, definition, Cancel);
        try
        {
            await test(type);
        }
        finally
        {
            await server.Client.DeleteAsync(Definitions, ObjectKey.ClusterScoped($"widgets.{group}"), null, CancellationToken.None);
        }
    }
}
