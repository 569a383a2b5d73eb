using Capstan;

namespace Databases.Desired;

/// <summary>The kinds of which a Database is made, and those that copy and restore it.</summary>
internal static class ChildKinds
{
    public static readonly ResourceType Secret = new("", "v1", "Secret", "secrets", Namespaced: true);
    public static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    public static readonly ResourceType Service = new("", "v1", "Service", "services", Namespaced: true);
    public static readonly ResourceType StatefulSet = new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true);
    public static readonly ResourceType DisruptionBudget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true);
    public static readonly ResourceType Pod = new("", "v1", "Pod", "pods", Namespaced: true);
    public static readonly ResourceType Job = new("batch", "v1", "Job", "jobs", Namespaced: true);
    public static readonly ResourceType CronJob = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true);
    public static readonly ResourceType VolumeClaim = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);
}
