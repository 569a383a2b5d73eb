using Capstan.Cluster.Manifests;

namespace Capstan.Tool.Local.Operators;

/// <summary>What an earlier run of an operator has left in the data directory.</summary>
/// <param name="client">An administrator's.</param>
/// <param name="installer">Of the manifests.</param>
internal sealed class EarlierRun(KubeClient client, ManifestInstaller installer)
{
    /// <summary>Takes away its webhook configurations, which lead to processes that are gone and would refuse everything; and its Deployment, unless pods of it are wanted.</summary>
    public async Task RemoveAsync(LocalOperator known, bool keepsPods, CancellationToken stop)
    {
        var left = new AdmissionInstall(known, client, installer).Configurations;
        foreach (var (type, key) in keepsPods ? left : left.Append(new OperatorPods(known, client, installer).Deployment))
        {
            try
            {
                await client.DeleteAsync(type, key, cancellationToken: stop);
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // As in every first run.
            }
        }
    }
}
