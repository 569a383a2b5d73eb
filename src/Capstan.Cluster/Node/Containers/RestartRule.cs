using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Containers;

/// <summary>Whether a container that ended is started again.</summary>
internal static class RestartRule
{
    public static bool Restarts(Pod pod, ContainerRecord container, int exitCode) => Restarts(pod.Spec.RestartPolicy, container.IsInit, container.IsSidecar, exitCode);

    public static bool Restarts(string? podPolicy, bool isInit, bool isSidecar, int exitCode) => isSidecar || podPolicy switch
    {
        "Never" => false,
        "OnFailure" => exitCode != 0,

        // What prepares a pod is not done twice.
        _ => !isInit || exitCode != 0,
    };
}
