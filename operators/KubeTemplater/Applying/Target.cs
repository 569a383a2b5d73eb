using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>One entry on its way to the server.</summary>
/// <param name="Client">Sends the requests, in the name of whom the policy says.</param>
/// <param name="Template">The template.</param>
/// <param name="Manifest">The entry.</param>
/// <param name="Type">Where its kind is served.</param>
/// <param name="Recorded">What the template's status has of the object; null if nothing.</param>
internal sealed record Target(KubeClient Client, KubeTemplate Template, Manifest Manifest, ResourceType Type, ResourceStatus? Recorded)
{
    /// <summary>Whether somebody is known to have changed the object that is on record: what is ours of it is taken back at once.</summary>
    public bool IsTakenBack { get; init; }

    /// <summary>Where the object is.</summary>
    public ObjectKey Key => Type.Namespaced ? Manifest.Key : ObjectKey.ClusterScoped(Manifest.Key.Name);

    /// <summary>Fields that are left to others once the object is made.</summary>
    public IReadOnlyList<string> LeftToOthers => Manifest.Entry.IgnoreFields ?? [];

    /// <summary>The object in full, as it is sent.</summary>
    /// <param name="uid">Of the only object that may be meant; null means whichever has the name.</param>
    public ReadOnlyMemory<byte> ToBody(string? uid) => ManifestBody.Of(Manifest, Template, Type.Namespaced, uid);

    /// <summary>The object without what is left to others, as it is sent.</summary>
    /// <param name="uid">Of the only object that may be meant; null means whichever has the name.</param>
    public ReadOnlyMemory<byte> ToOwnedBody(string? uid)
    {
        var owned = ToOwned();
        if (uid is not null)
        {
            owned["metadata"]!["uid"] = uid;
        }

        return DynamicObject.From(owned).Json;
    }

    /// <summary>The object in full, as a tree.</summary>
    public JsonObject ToObject() => Manifest.ToObject(Template, Type.Namespaced);

    /// <summary>The object without what is left to others.</summary>
    public JsonObject ToOwned()
    {
        var result = ToObject();
        FieldRelease.RemoveFrom(result, LeftToOthers);
        return result;
    }

    /// <summary>Whether an object is one that this template made: it says so, and it is the one that was recorded, if one was.</summary>
    public bool Made(DynamicObject live) => Tracking.Marks(live.Labels, Template.Key) && (Recorded?.Uid is not { } uid || uid == live.Uid);

    /// <summary>What the server refused, as the template's author reads it.</summary>
    public TemplateException Refused(ApiException refused, string? what = null)
    {
        var actingFor = Client.Config.Impersonate is { User: var user } ? $" (as {user})" : "";
        var message = refused.Status.Message ?? refused.Message;
        return new(FailureReasons.ApplyFailed, $"{Manifest}: {what}{message}{actingFor}") { Refusal = refused };
    }
}
