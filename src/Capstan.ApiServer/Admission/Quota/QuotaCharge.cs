using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Quotas;

namespace Capstan.ApiServer.Admission.Quota;

/// <summary>What one write means for a quota. A pure calculation.</summary>
internal sealed class QuotaCharge
{
    private static readonly Quantity Zero = Quantity.FromInt64(0);

    private readonly QuotaMeter _meter;
    private readonly JsonObject _obj;
    private readonly JsonObject? _old;
    private readonly bool _mayExceed;
    private readonly IReadOnlyDictionary<string, Quantity> _usage;
    private readonly Dictionary<string, Quantity> _growth;

    public QuotaCharge(QuotaMeter meter, JsonObject obj, JsonObject? old, string subresource, DateTimeOffset now)
    {
        (_meter, _obj, _old) = (meter, obj, old);

        // What has happened to an object is counted, never refused.
        _mayExceed = subresource == "status";
        _usage = meter.Usage(obj, now);
        var before = old is null ? new Dictionary<string, Quantity>() : meter.Usage(old, now);
        _growth = _usage.ToDictionary(amount => amount.Key, amount => amount.Value.Subtract(before.GetValueOrDefault(amount.Key)));
    }

    /// <summary>Why the quota refuses the write, in Kubernetes' words; null if it does not.</summary>
    public string? RefusedBy(JsonObject quota)
    {
        var name = quota.Text("metadata", "name");
        var hard = ResourceAmounts.Read(quota.Map("status", "hard"));
        var measured = hard.Keys.Where(_meter.Measures).Order(StringComparer.Ordinal).ToList();
        if (measured.Count == 0 || !_meter.IsInScope(quota["spec"], _obj))
        {
            return null;
        }

        if (_meter.Missing(measured, _obj) is { } missing)
        {
            return $"failed quota: {name}: {missing}";
        }

        var used = ResourceAmounts.Read(quota.Map("status", "used"));
        if (measured.Any(resource => !used.ContainsKey(resource)))
        {
            return $"status unknown for quota: {name}, resources: {string.Join(",", measured)}";
        }

        if (_usage.Where(amount => amount.Value.Sign < 0).Select(amount => amount.Key).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } negative)
        {
            return $"quota usage is negative for resource(s): {string.Join(",", negative)}";
        }

        var requested = Requested(quota, hard);
        var exceeded = requested.Where(amount => used.GetValueOrDefault(amount.Key).Add(amount.Value) > hard[amount.Key]).Select(amount => amount.Key).Order(StringComparer.Ordinal).ToList();
        return exceeded.Count == 0 || _mayExceed
            ? null
            : $"exceeded quota: {name}, requested: {Listed(requested)}, used: {Listed(used)}, limited: {Listed(hard)}";

        string Listed(Dictionary<string, Quantity> amounts) => string.Join(",", exceeded.Where(amounts.ContainsKey).Select(resource => $"{resource}={amounts[resource]}"));
    }

    /// <summary>What the quota's <c>status.used</c> becomes; null if it stays.</summary>
    public JsonObject? UsedAfter(JsonObject quota)
    {
        var hard = ResourceAmounts.Read(quota.Map("status", "hard"));
        if (!hard.Keys.Any(_meter.Measures) || !_meter.IsInScope(quota["spec"], _obj))
        {
            return null;
        }

        var requested = Requested(quota, hard);
        if (requested.Count == 0)
        {
            return null;
        }

        var used = ResourceAmounts.Read(quota.Map("status", "used"));
        foreach (var (name, amount) in requested)
        {
            used[name] = used.GetValueOrDefault(name).Add(amount);
        }

        return ResourceAmounts.ToJson(used);
    }

    /// <summary>By how much the quota's usage grows: all of the object if it was not in its scope before. Never less than nothing; the controller gives back.</summary>
    private Dictionary<string, Quantity> Requested(JsonObject quota, Dictionary<string, Quantity> hard)
    {
        var counted = _old is not null && _meter.IsInScope(quota["spec"], _old) ? _growth : _usage;
        return counted.Where(amount => hard.ContainsKey(amount.Key) && amount.Value > Zero).ToDictionary();
    }
}
