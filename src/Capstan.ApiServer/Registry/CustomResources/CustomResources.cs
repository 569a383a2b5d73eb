using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;
using Capstan.Kinds;
using Capstan.Patching;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Serves custom resources: watches the definitions, accepts their names, establishes them, and takes them out of service when they go.</summary>
/// <remarks>
/// Works on the thread of whoever writes a definition, after that write is visible: when the write returns, the resource is mostly served already.
/// Everything that it writes is guarded by what it read, and every change brings it back, so that it needs no lock: a lost race is a change to come.
/// </remarks>
internal sealed class CustomResources(Store store, Catalogue catalogue, TimeProvider clock)
{
    private static readonly GroupResource Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");
    private readonly CustomResourceCleanup _cleanup = new(store, clock);
    private readonly HashSet<GroupResource> _observed = [];
    private readonly Lock _observedLock = new();

    /// <summary>Begins to watch, and serves what is stored already. To be called once, before the first request.</summary>
    public void Start()
    {
        store.Observe(Definitions, change => Handle(change.Before, change.After));
        foreach (var stored in store.Read(Definitions).Objects.From(default))
        {
            Handle(null, stored);
        }
    }

    private void Handle(StoredObject? before, StoredObject? after)
    {
        if (after is null)
        {
            var gone = DefinitionReader.ResourceOf(Parse(before!));
            catalogue.Serve(gone, []);
            JudgeOthers(gone.Group, before!.Key.Name);
            return;
        }

        var definition = Parse(after);
        if (before is not null && Parse(before).At("status", "acceptedNames") is { } had && !JsonNode.DeepEquals(had, definition.At("status", "acceptedNames")))
        {
            // It may have given up names that others wait for.
            JudgeOthers(DefinitionReader.ResourceOf(definition).Group, after.Key.Name);
        }

        if (definition.Text("metadata", "deletionTimestamp") is not null)
        {
            Terminate(definition, after);
        }
        else if (!Judge(definition, after) && DefinitionStatus.IsTrue(definition, "Established"))
        {
            // Only once the status says so: what is served is what clients can read there.
            catalogue.Serve(DefinitionReader.ResourceOf(definition), DefinitionReader.Read(definition, isTerminating: false, SinceOf(before, after, definition)));
        }
    }

    /// <summary>The revision from which objects are shaped by this definition: as before when only other things changed.</summary>
    private long SinceOf(StoredObject? before, StoredObject after, JsonObject definition)
    {
        var served = catalogue.Current.All.FirstOrDefault(r => r.IsCustom && r.Bucket == DefinitionReader.ResourceOf(definition));
        return before is not null && served?.Since is { } since && JsonNode.DeepEquals(Parse(before).At("spec", "versions"), definition.At("spec", "versions")) ? since : after.Revision;
    }

    /// <summary>Brings the status up to date. True when it was written: the change comes back.</summary>
    private bool Judge(JsonObject definition, StoredObject stored)
    {
        if (JsonNode.DeepEquals(definition.At("spec", "names"), definition.At("status", "acceptedNames")) && DefinitionStatus.IsTrue(definition, "Established"))
        {
            return false;
        }

        var judged = definition.DeepClone().AsObject();
        DefinitionStatus.Judge(judged, Others(DefinitionReader.ResourceOf(definition).Group, stored.Key.Name), clock.GetUtcNow());
        if (JsonNode.DeepEquals(judged["status"], definition["status"]))
        {
            return false;
        }

        TryPut(judged, stored);
        return true;
    }

    private void Terminate(JsonObject definition, StoredObject stored)
    {
        var resource = DefinitionReader.ResourceOf(definition);
        if (!definition.Items("metadata", "finalizers").Any(f => f.Text() == DefinitionRules.CleanupFinalizer))
        {
            return;
        }

        if (DefinitionStatus.IsTrue(definition, "Established"))
        {
            catalogue.Serve(resource, DefinitionReader.Read(definition, isTerminating: true, store.Revision));
            ObserveObjects(resource, stored.Key);
        }

        _cleanup.DeleteObjects(resource);
        Finish(resource, stored.Key);
    }

    /// <summary>Lets a definition go whose objects are gone, or says that it waits for them.</summary>
    private void Finish(GroupResource resource, ObjectKey key)
    {
        while (store.Find(Definitions, key) is { } stored)
        {
            var definition = Parse(stored);
            if (definition.Text("metadata", "deletionTimestamp") is null || definition.Map("metadata")!["finalizers"] is not JsonArray finalizers)
            {
                return;
            }

            var before = definition.DeepClone();
            if (store.Read(resource).Objects.Count == 0)
            {
                DefinitionStatus.SetCondition(definition, new("Terminating", "False", "InstanceDeletionCompleted", "removed all instances"), clock.GetUtcNow());
                finalizers.RemoveAll(f => f.Text() == DefinitionRules.CleanupFinalizer);
                if (finalizers.Count == 0)
                {
                    if (store.TryRemove(Definitions, stored) is not null)
                    {
                        return;
                    }

                    continue;
                }
            }
            else
            {
                DefinitionStatus.SetCondition(definition, new("Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"), clock.GetUtcNow());
            }

            if (JsonNode.DeepEquals(before, definition) || TryPut(definition, stored))
            {
                return;
            }
        }
    }

    /// <summary>Once per resource: when its last object goes, its definition may.</summary>
    private void ObserveObjects(GroupResource resource, ObjectKey definition)
    {
        lock (_observedLock)
        {
            if (!_observed.Add(resource))
            {
                return;
            }
        }

        store.Observe(resource, change =>
        {
            if (change.After is null && store.Read(resource).Objects.Count == 0)
            {
                Finish(resource, definition);
            }
        });
    }

    /// <summary>A definition that went has freed its names.</summary>
    private void JudgeOthers(string group, string except)
    {
        foreach (var stored in store.Read(Definitions).Objects.From(default))
        {
            var other = Parse(stored);
            if (stored.Key.Name != except && DefinitionReader.ResourceOf(other).Group == group)
            {
                Judge(other, stored);
            }
        }
    }

    private List<JsonObject> Others(string group, string except) =>
        [.. store.Read(Definitions).Objects.From(default).Where(s => s.Key.Name != except).Select(Parse).Where(d => DefinitionReader.ResourceOf(d).Group == group)];

    /// <summary>Stores a new status, which the server itself owns. False when somebody else was quicker.</summary>
    private bool TryPut(JsonObject definition, StoredObject stored)
    {
        var request = new ApplyRequest("kube-apiserver", "apiextensions.k8s.io/v1", "status", Force: false, clock.GetUtcNow()) { ResetFields = ["spec"] };
        ManagedFields.TrackUpdate(Parse(stored), definition, BuiltInKinds.SchemaOf(new("apiextensions.k8s.io", "v1", "CustomResourceDefinition")), request);
        return store.TryPut(Definitions, ObjectEncoder.Encode(definition), stored) is not null;
    }

    private static JsonObject Parse(StoredObject stored) => ObjectJson.Parse(stored.Json);
}
