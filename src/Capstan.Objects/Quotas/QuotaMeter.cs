using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>What objects of one resource count against a ResourceQuota. Who charges a quota and who recounts it must agree, so both ask here.</summary>
/// <remarks>Immutable and thread-safe. Objects are valid ones of the resource; they are read, never changed.</remarks>
public class QuotaMeter
{
    private static readonly Quantity One = Quantity.FromInt64(1);

    // Names from the time before every resource could be counted.
    private static readonly Dictionary<GroupResource, string> Aliases = new()
    {
        [new("", "configmaps")] = "configmaps",
        [new("", "resourcequotas")] = "resourcequotas",
        [new("", "replicationcontrollers")] = "replicationcontrollers",
        [new("", "secrets")] = "secrets",
    };

    private readonly string? _alias;

    private protected QuotaMeter(GroupResource resource)
    {
        Resource = resource;
        Count = resource.Group.Length == 0 ? $"count/{resource.Resource}" : $"count/{resource.Resource}.{resource.Group}";
        _alias = Aliases.GetValueOrDefault(resource);
    }

    /// <summary>The resource whose objects are measured.</summary>
    public GroupResource Resource { get; }

    /// <summary>Whether the change of an object can change what it counts; if not, only its creation and its end do.</summary>
    public virtual bool ChangesWithObject => false;

    private protected string Count { get; }

    /// <summary>The meter of a resource; null for what no quota ever counts.</summary>
    public static QuotaMeter? For(GroupResource resource) => resource switch
    {
        { Resource: "events", Group: "" or "events.k8s.io" } => null,
        { Resource: "pods", Group: "" } => new PodMeter(resource),
        { Resource: "services", Group: "" } => new ServiceMeter(resource),
        { Resource: "persistentvolumeclaims", Group: "" } => new ClaimMeter(resource),
        _ => new QuotaMeter(resource),
    };

    /// <summary>The resource that a name of <c>spec.hard</c> is about; null if no object counts under it.</summary>
    public static GroupResource? ResourceOf(string name)
    {
        if (name.StartsWith("count/", StringComparison.Ordinal))
        {
            var counted = name["count/".Length..];
            var dot = counted.IndexOf('.', StringComparison.Ordinal);
            return dot < 0 ? new GroupResource("", counted) : new GroupResource(counted[(dot + 1)..], counted[..dot]);
        }

        GroupResource[] special = [new("", "pods"), new("", "services"), new("", "persistentvolumeclaims"), .. Aliases.Keys];
        return special.Where(resource => For(resource)!.Measures(name)).Select(resource => (GroupResource?)resource).FirstOrDefault();
    }

    /// <summary>Whether the objects count under this name of <c>spec.hard</c>.</summary>
    public virtual bool Measures(string name) => name == Count || name == _alias;

    /// <summary>Whether the scopes of a quota let the object count.</summary>
    /// <param name="quotaSpec">The quota's <c>spec</c>.</param>
    /// <param name="obj">The object.</param>
    public bool IsInScope(JsonNode? quotaSpec, JsonObject obj) => QuotaScope.Of(quotaSpec).All(scope => IsInScope(scope, obj));

    /// <summary>What an object counts, by name.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="now">Some objects no longer count after their time.</param>
    public virtual IReadOnlyDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = new Dictionary<string, Quantity> { [Count] = One };
        if (_alias is not null)
        {
            usage[_alias] = One;
        }

        return usage;
    }

    /// <summary>Whether a write may change what is counted, so that the quota must be asked first.</summary>
    /// <param name="subresource">Empty for the object itself.</param>
    /// <param name="old">The object before; null when it is created.</param>
    /// <param name="obj">The object as it is to be.</param>
    public virtual bool IsChargedAt(string subresource, JsonObject? old, JsonObject obj) => subresource.Length == 0 && old is null;

    /// <summary>Why an object may not be under a quota with these names, in Kubernetes' words; null if it may.</summary>
    public virtual string? Missing(IEnumerable<string> names, JsonObject obj) => null;

    private protected virtual bool IsInScope(QuotaScope scope, JsonObject obj) => false;
}
