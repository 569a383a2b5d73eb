using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>Gives a controller time to make the account <c>default</c> of a namespace, which it does a moment after the namespace: who makes a namespace
/// and then pods in it need not know of it. Thread-safe.</summary>
internal sealed class DefaultAccountWait(ClusterState cluster)
{
    private const int Attempts = 60;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);
    private static readonly GroupResource Namespaces = new("", "namespaces");

    /// <summary>Waits, for a second and a half at most, if a pod is made whose account is the default one.</summary>
    /// <param name="served">What is to be made.</param>
    /// <param name="ns">Where.</param>
    /// <param name="pod">The object as it was sent; null when that is not known yet.</param>
    /// <param name="stop">Gives up.</param>
    public async Task AwaitAsync(ServedResource served, string ns, JsonNode? pod, CancellationToken stop)
    {
        if (served.Type is not { Group: "", Kind: "Pod" } || (pod.Text("spec", "serviceAccountName") ?? "") is not ("" or AccountAdmission.DefaultAccount))
        {
            return;
        }

        for (var i = 0; i < Attempts && !cluster.Has(AccountAdmission.Accounts, ns, AccountAdmission.DefaultAccount) && cluster.Has(Namespaces, "", ns); i++)
        {
            await Task.Delay(Interval, stop);
        }
    }
}
