using Capstan;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>In whose name the objects of a template are written: the ServiceAccount that the policy names, of the template's namespace, else the operator itself.</summary>
internal sealed class Actors(KubeClient client, PolicyBook policies)
{
    /// <summary>A client that acts as a policy says.</summary>
    public KubeClient For(KubeTemplate template, CompiledPolicy policy) => policy.Policy.Spec.ServiceAccountName is { Length: > 0 } account
        ? client.As(new() { User = $"system:serviceaccount:{template.Key.Namespace}:{account}" })
        : client;

    /// <summary>A client for a template that is being deleted: its policy may be gone, and then the operator acts itself.</summary>
    public async ValueTask<KubeClient> ForAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
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
