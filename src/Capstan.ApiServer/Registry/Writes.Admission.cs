using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission;
using Capstan.Patching;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>Lets admission change an object that is about to be created or changed: that of Kubernetes itself first, then whoever is configured.</summary>
    /// <returns>The object to go on with, with metadata.</returns>
    private ValueTask<JsonObject> AdmitAsync(WriteRequest request, string operation, JsonObject obj, JsonObject? old)
    {
        builtIn.Admit(request, obj, old);
        return admission.Changes ? ChangedAsync(request, operation, obj, old) : ValueTask.FromResult(obj);
    }

    /// <summary>Asks admission whether an object may be stored as it is now.</summary>
    private ValueTask CheckAsync(WriteRequest request, string operation, JsonObject obj, JsonObject? old)
    {
        builtIn.Approve(request, obj, old);
        return admission.Checks ? admission.CheckAsync(RequestOf(request, operation, Shown(request, obj), Shown(request, old))) : default;
    }

    /// <summary>Lets admission change what is sent to be carried out rather than stored: a review, a binding, an eviction, a request for a token.</summary>
    /// <returns>The object to go on with, with metadata.</returns>
    public async ValueTask<JsonObject> AdmitSentAsync(WriteRequest request, JsonObject sent)
    {
        if (!admission.Changes)
        {
            return sent;
        }

        var admitted = RequestOf(request, Operations.Create, sent, null);
        await admission.ChangeAsync(admitted, () => false);
        return admitted.Object!;
    }

    /// <summary>Asks admission whether what was sent may be carried out.</summary>
    public ValueTask CheckSentAsync(WriteRequest request, JsonObject sent) =>
        admission.Checks ? admission.CheckAsync(RequestOf(request, Operations.Create, sent, null)) : default;

    /// <summary>Asks admission whether an object may be deleted.</summary>
    private async ValueTask AdmitDeletionAsync(WriteRequest request, DeleteOptions options, JsonObject old)
    {
        if (!admission.Changes && !admission.Checks)
        {
            return;
        }

        var deletion = new AdmissionRequest
        {
            Write = request,
            Authorization = authorization,
            Operation = Operations.Delete,
            OldObject = old,
            Options = options.ToJson(),
            DryRun = options.DryRun,
        };
        await admission.ChangeAsync(deletion, () => false);
        await admission.CheckAsync(deletion);
    }

    private async ValueTask<JsonObject> ChangedAsync(WriteRequest request, string operation, JsonObject obj, JsonObject? old)
    {
        var admitted = RequestOf(request, operation, Shown(request, obj), Shown(request, old));
        var shown = admitted.Object!;
        await admission.ChangeAsync(admitted, () => Readmit(request, admitted, old));
        if (ReferenceEquals(admitted.Object, shown))
        {
            return obj;
        }

        if (IsScale(request))
        {
            Scales.Set(request.Served, obj, admitted.Object!);
            return obj;
        }

        var tracked = obj["metadata"]!["managedFields"];
        obj = admitted.Object!;
        var metadata = obj["metadata"]!.AsObject();
        if (ManagedFields.FaultOf(metadata["managedFields"]) is { } fault)
        {
            metadata["managedFields"] = tracked?.DeepClone();
            request.Warnings.Add(
                ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; "
                + $"please fix your requests: {fault}");
        }

        Owners.Deduplicate(metadata, request.Warnings, afterAdmission: true);
        return obj;
    }

    private bool Readmit(WriteRequest request, AdmissionRequest admitted, JsonObject? old)
    {
        if (IsScale(request))
        {
            return false;
        }

        var before = admitted.Object!.DeepClone();
        builtIn.Admit(request, admitted.Object!, old);
        return !JsonNode.DeepEquals(before, admitted.Object);
    }

    // Of a scale admission is shown the Scale alone.
    private static JsonObject? Shown(WriteRequest request, JsonObject? obj) => obj is null || !IsScale(request) ? obj : Scales.Of(request.Served, obj);

    private static bool IsScale(WriteRequest request) => request.Info.Subresource == "scale";

    private AdmissionRequest RequestOf(WriteRequest request, string operation, JsonObject? obj, JsonObject? old) => new()
    {
        Write = request,
        Authorization = authorization,
        Operation = operation,
        Object = obj,
        OldObject = old,
        Options = request.Options.ToJson(operation == Operations.Create ? "CreateOptions" : "UpdateOptions", request.Info.Query),
        DryRun = request.Options.DryRun,
    };
}
