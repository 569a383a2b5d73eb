using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Kinds;
using Capstan.Patching;
using Capstan.Quotas;

namespace Capstan.ApiServer.Admission.Quota;

/// <summary>The last question before an object is stored: have the ResourceQuotas of its namespace room for it?</summary>
/// <remarks>
/// Object and charges are stored in one go, the object first: a quota is never exceeded however many write at once, and whoever reads the quota,
/// then the objects, and finds the quota unchanged has seen every object that it was charged for. What deletions free is given back by
/// the quota controller. Thread-safe.
/// </remarks>
internal sealed class QuotaAdmission(Store store, TimeProvider clock)
{
    private static readonly GroupResource Quotas = new("", "resourcequotas");
    private static readonly GroupVersionKind Kind = new("", "v1", "ResourceQuota");

    /// <summary>Stores an object if it still is <paramref name="expected"/> and charges the quotas for it; null when it had changed.</summary>
    /// <param name="request">The write.</param>
    /// <param name="obj">The object as it is to be.</param>
    /// <param name="old">The object before; null when it is created.</param>
    /// <param name="encoded">The same as <paramref name="obj"/>, to be stored.</param>
    /// <param name="expected">The same as <paramref name="old"/>, as stored.</param>
    /// <exception cref="ApiError">403: a quota has no room, or the object does not say what a quota needs to know.</exception>
    public StoredObject? TryPut(WriteRequest request, JsonObject obj, JsonObject? old, EncodedObject encoded, StoredObject? expected)
    {
        var bucket = request.Served.Bucket;
        while (true)
        {
            var charges = Charges(request, obj, old);
            if (charges.Count == 0)
            {
                return store.TryPut(bucket, encoded, expected);
            }

            if (store.TryPut([new(bucket, encoded, expected), .. charges]) is { } stored)
            {
                return stored[0];
            }

            if (!ReferenceEquals(store.Find(bucket, encoded.Facts.Key), expected))
            {
                return null;
            }

            // A quota was charged by another: asked again.
        }
    }

    /// <summary>What <see cref="TryPut"/> would refuse, without storing anything.</summary>
    /// <exception cref="ApiError">403, as there.</exception>
    public void Check(WriteRequest request, JsonObject obj, JsonObject? old) => Charges(request, obj, old);

    private List<ExpectedPut> Charges(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        var charges = new List<ExpectedPut>();
        if (!request.Served.Type.Namespaced || QuotaMeter.For(request.Resource) is not { } meter || !meter.IsChargedAt(request.Info.Subresource, old, obj))
        {
            return charges;
        }

        QuotaCharge? charge = null;
        foreach (var stored in store.Read(Quotas).Objects.From(new ObjectKey(request.Info.Namespace, "")).TakeWhile(quota => quota.Key.Namespace == request.Info.Namespace))
        {
            charge ??= new QuotaCharge(meter, obj, old, request.Info.Subresource, clock.GetUtcNow());
            var quota = ObjectJson.Parse(stored.Json);
            if (charge.RefusedBy(quota) is { } why)
            {
                throw ApiError.Forbidden(request.Resource, NameOf(request, obj), why);
            }

            if (charge.UsedAfter(quota) is { } used)
            {
                charges.Add(new(Quotas, Charged(quota, used), stored));
            }
        }

        return charges;
    }

    private EncodedObject Charged(JsonObject quota, JsonObject used)
    {
        var after = quota.DeepClone().AsObject();
        after["status"]!["used"] = used;
        ManagedFields.TrackUpdate(quota, after, BuiltInKinds.SchemaOf(Kind)!, new ApplyRequest("kube-apiserver", Kind.ApiVersion, "status", false, clock.GetUtcNow()));
        return ObjectEncoder.Encode(after);
    }

    private static string NameOf(WriteRequest request, JsonObject obj) => obj.Text("metadata", "name") ?? request.Info.Name;
}
