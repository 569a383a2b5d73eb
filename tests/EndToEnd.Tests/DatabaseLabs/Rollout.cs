using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>What a lesson changes in Go is an argument of the operator here.</summary>
internal static class Rollout
{
    /// <summary>As <c>operators/Database/deploy/manager.yaml</c> has them.</summary>
    private static readonly string[] AsDeployed = ["--metrics-bind-address=:8443", "--metrics-secure=true", "--leader-elect", "--health-probe-bind-address=:8081"];

    /// <summary>Rolls out the operator with these arguments in place of those of the same names, and waits until no pod with others is left: a forwarded port might lead there.</summary>
    public static async Task RollOutAsync(this Terminal terminal, params string[] arguments)
    {
        var names = arguments.Select(argument => argument.Split('=')[0]).ToList();
        var all = string.Join(',', AsDeployed.Where(argument => !names.Contains(argument.Split('=')[0])).Concat(arguments).Select(argument => $"\"{argument}\""));
        await terminal.TypeAsync(
            $$"""kubectl patch deploy -n {{DatabaseLab.Namespace}} {{DatabaseLab.Operator}} --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/args","value":[{{all}}]}]'""");
        await terminal.OnePodAsync();
    }

    /// <summary>Waits until the operator is one pod that is ready.</summary>
    public static async Task OnePodAsync(this Terminal terminal)
    {
        await terminal.TypeAsync($"kubectl rollout status deploy -n {DatabaseLab.Namespace} {DatabaseLab.Operator} --timeout=100s");
        await terminal.SeeAsync(
            $"kubectl get pods -n {DatabaseLab.Namespace} -l control-plane=controller-manager --no-headers", text => text.Contains(" 1/1 ", StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal));
    }

    /// <summary>Deletes all Databases of all namespaces, and the volumes that are kept: the next test begins with none.</summary>
    public static Task DeleteDatabasesAsync(this Terminal terminal) =>
        terminal.TypeAsync("kubectl delete databases --all -A --timeout=110s && kubectl delete pvc --all -A --timeout=110s");
}
