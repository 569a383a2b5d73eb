using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Containers;

/// <summary>Containers that must not run as root are not started as root.</summary>
internal static class NonRootRule
{
    /// <param name="pod">The pod.</param>
    /// <param name="container">One of its containers.</param>
    /// <param name="imageIsRoot">Whether its image starts as root where nothing else is asked for; an image that nobody knows may be anybody's.</param>
    /// <exception cref="ContainerConfigException">It would run as root, in a kubelet's words.</exception>
    public static void Check(PodRecord pod, Container container, bool imageIsRoot)
    {
        var (own, shared) = (container.SecurityContext, pod.Pod.Spec.SecurityContext);
        if ((own?.RunAsNonRoot ?? shared?.RunAsNonRoot) != true)
        {
            return;
        }

        var user = own?.RunAsUser ?? shared?.RunAsUser;
        var what = user is 0 ? "container's runAsUser breaks non-root policy" : user is null && imageIsRoot ? "container has runAsNonRoot and image will run as root" : null;
        if (what is not null)
        {
            throw new ContainerConfigException($"{what} (pod: \"{pod.Key.Name}_{pod.Key.Namespace}({pod.Uid})\", container: {container.Name})");
        }
    }
}
