namespace Capstan.Client;

/// <summary>Finds the configuration: explicit file, KUBECONFIG, the pod's service account, the home directory.</summary>
internal static class KubeConfigSearch
{
    public static KubeConfig Load(string? path, string? context)
    {
        if (path is not null)
        {
            return KubeConfigFile.Load([path], mustExist: true, context);
        }

        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } list)
        {
            return KubeConfigFile.Load(list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), mustExist: false, context);
        }

        if (context is null && InCluster.Detect() is { } pod)
        {
            return pod;
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home)
            ? KubeConfigFile.Load([home], mustExist: true, context)
            : throw new KubeConfigException($"no kubeconfig: no file was named, KUBECONFIG is not set, this is no pod, and there is no {home}");
    }
}
