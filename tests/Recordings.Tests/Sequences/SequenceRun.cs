using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;
using Recordings.Tests.Wire;

namespace Recordings.Tests.Sequences;

/// <summary>One sequence on one server.</summary>
internal sealed class SequenceRun(ServerUnderTest server, SequenceKind kind, string @namespace, string name, string id)
{
    private readonly string _collection = $"{kind.Resource.Version}/namespaces/{@namespace}/{kind.Resource.Plural}".Replace("ID", id, StringComparison.Ordinal);
    private readonly List<string> _told = [];
    private int _events;

    /// <summary>Makes the namespace, and the kind of one's own, and waits until it is served.</summary>
    public static async Task PrepareAsync(ServerUnderTest server, string @namespace, string id, CancellationToken cancellationToken)
    {
        await PostAsync(server, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = @namespace } }, cancellationToken);
        await PostAsync(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", SequenceKind.Definition(id), cancellationToken);
        var things = $"/apis/{SequenceKind.Group.Replace("ID", id, StringComparison.Ordinal)}/v1/namespaces/{@namespace}/things";
        await Capstan.Testing.Eventually.SeeAsync("the kind", stop => server.CallAsync(Calls.Get(things), stop), answer => (int)answer["code"]! == 200, cancellationToken: cancellationToken);
    }

    /// <summary>Takes every step; tells what broke first, null when nothing did.</summary>
    public async Task<string?> BreakAsync(IReadOnlyList<SequenceStep> steps, CancellationToken cancellationToken)
    {
        await using var watch = await BackgroundWatch.StartAsync(server, Calls.Get($"{_collection}?watch=1&fieldSelector=metadata.name%3D{name}"), cancellationToken);
        JsonObject? before = null;
        foreach (var step in steps)
        {
            _told.Add(step.ToString());
            var answer = await server.CallAsync(step.Request(kind, @namespace, name, id, Version(before)), cancellationToken);
            var after = await GetAsync(cancellationToken);
            Count(before, after);
            List<string> broken = [.. Invariants.Broken(kind, step, answer, before, after)];
            if (step.Verb == "apply" && (int)answer["code"]! < 400 && after is not null)
            {
                broken.AddRange(await RepeatedAsync(step, after, cancellationToken));
            }

            before = after;
            if (broken.Count > 0)
            {
                return $"{kind.Name}: {string.Join('\n', broken)}\n{answer["body"]!.ToJsonString()}\nafter\n{string.Join('\n', _told)}\n{after?.ToJsonString()}";
            }
        }

        return await ReadsAsync(watch, before, cancellationToken) is { } wrong ? $"{kind.Name}: {wrong}\nafter\n{string.Join('\n', _told)}" : null;
    }

    // What was applied is applied again, and what its manager owns by now is: neither changes anything, nor has conflicts.
    private async Task<List<string>> RepeatedAsync(SequenceStep step, JsonObject after, CancellationToken cancellationToken)
    {
        List<string> broken = [];
        if (!Invariants.Managers(after).Any())
        {
            // Who applied nothing owns nothing: what was there by default goes to before-first-apply with the next apply, at a real server too.
            return broken;
        }

        if (step.Body is JsonObject wanted && wanted.ContainsKey("stringData"))
        {
            // No stored object has it, so each apply of it is a change, of which nothing stays but its time: a write, once a second has passed.
            return broken;
        }

        var again = await server.CallAsync((step with { Version = VersionNamed.None }).Request(kind, @namespace, name, id, null), cancellationToken);
        if ((int)again["code"]! != 200 || !JsonNode.DeepEquals(again["body"], after))
        {
            broken.Add($"the same apply again is no no-op: {again.ToJsonString()}");
        }

        var entry = Invariants.Managers(after).SingleOrDefault(e => (string)e["manager"]! == step.Manager && (string)e["operation"]! == "Apply");
        if (entry is not null
            && !OwnedFields.Missing(entry["fieldsV1"]!.AsObject(), after).Any()
            && !Invariants.Managers(after).Any(other => other != entry && OwnedFields.IsMoreWithin(entry["fieldsV1"]!.AsObject(), other["fieldsV1"]!.AsObject())))
        {
            var owned = (JsonObject)OwnedFields.Extract(entry["fieldsV1"]!.AsObject(), after)!;
            owned["apiVersion"] = after["apiVersion"]!.DeepClone();
            owned["kind"] = after["kind"]!.DeepClone();
            var own = await server.CallAsync((step with { Version = VersionNamed.None, Force = false, Body = owned }).Request(kind, @namespace, name, id, null), cancellationToken);
            if ((int)own["code"]! != 200 || !JsonNode.DeepEquals(own["body"], after))
            {
                broken.Add($"what {step.Manager} owns is {owned.ToJsonString()}, and applying it is no no-op: {own.ToJsonString()}");
            }
        }

        return broken;
    }

    private async Task<string?> ReadsAsync(BackgroundWatch watch, JsonObject? last, CancellationToken cancellationToken)
    {
        var list = await server.CallAsync(Calls.Get($"{_collection}?fieldSelector=metadata.name%3D{name}"), cancellationToken);
        var items = list["body"]!["items"]!.AsArray();
        if (items.Count != (last is null ? 0 : 1) || (last is not null && !JsonNode.DeepEquals(items[0]!["metadata"], last["metadata"])))
        {
            return $"the list does not agree with what is read: {items.ToJsonString()}";
        }

        var collected = await watch.CollectAsync(_events, TimeSpan.FromSeconds(20), false, cancellationToken);
        var events = collected["events"]!.AsArray();
        var versions = events.Select(e => Invariants.Version(e!["object"]!.AsObject())).ToList();
        if (events.Count != _events || !versions.SequenceEqual(versions.Distinct().Order()))
        {
            return $"{_events} changes were seen, and the watch told {events.Count}, of the versions {string.Join(", ", versions)}";
        }

        return last is null || JsonNode.DeepEquals(events[^1]!["object"], last) ? null : $"the watch's last event is not what is read: {events[^1]!.ToJsonString()}";
    }

    // A delete and a create between two looks would be two changes; a step is one.
    private void Count(JsonObject? before, JsonObject? after) => _events += Version(before) == Version(after) ? 0 : 1;

    private async Task<JsonObject?> GetAsync(CancellationToken cancellationToken)
    {
        var answer = await server.CallAsync(Calls.Get($"{_collection}/{name}"), cancellationToken);
        return (int)answer["code"]! == 200 ? answer["body"]!.AsObject() : null;
    }

    private static string? Version(JsonObject? obj) => (string?)obj?["metadata"]?["resourceVersion"];

    private static async Task PostAsync(ServerUnderTest server, string path, JsonObject body, CancellationToken cancellationToken)
    {
        var made = await server.CallAsync(new JsonObject { ["method"] = "POST", ["path"] = path, ["body"] = body }, cancellationToken);
        Assert.True((int)made["code"]! == 201, Differences.Short(made));
    }
}
