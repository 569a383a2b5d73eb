using Capstan;
using Capstan.Caching;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>In whose name the objects of a template are written: the ServiceAccount that the policy names, of the template's namespace, else the operator itself.</summary>
internal sealed class Actors(KubeClient client, PolicyBook policies, ObjectCache<DynamicObject> namespaces)
{
    /// <summary>A client that acts as a policy says.</summary>
    public KubeClient For(KubeTemplate template, CompiledPolicy policy) => policy.Policy.Spec.ServiceAccountName is { Length: > 0 } account
        ? client.As(new() { User = $"system:serviceaccount:{template.Key.Namespace}:{account}" })
        : client;

    /// <summary>A client that deletes what a template made which is being deleted.</summary>
    /// <remarks>Its policy may be gone; and with the template's namespace go the rights of an account in it, so that the namespace would wait for ever for a template that may
    /// not delete. In both cases the operator acts itself: it deletes only what is known to be the template's.</remarks>
    public async ValueTask<KubeClient> ForDeletionAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        if (namespaces.Get(ObjectKey.ClusterScoped(template.Key.Namespace)) is not { DeletionTimestamp: null })
        {
            return client;
        }

        try
        {
            return For(template, await policies.ForAsync(template.Key.Namespace, cancellationToken));
        }
        catch (TemplateException)
        {
            return client;
        }
    }
}
