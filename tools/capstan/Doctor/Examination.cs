using System.Net;
using System.Runtime.CompilerServices;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Doctor;

/// <summary>All looks at a cluster, in the order in which a person would take them: what stands on what comes later.</summary>
/// <param name="client">Reads; an administrator's, best.</param>
internal sealed class Examination(KubeClient client)
{
    /// <summary>Finds what there is to find.</summary>
    /// <param name="operators">Which operators; null: those that are there.</param>
    /// <param name="stop">Cancels.</param>
    public async IAsyncEnumerable<Diagnosis> RunAsync(IReadOnlyList<LocalOperator>? operators, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var found in SafelyAsync("API server", new ServerLook(client).RunAsync(stop)))
        {
            yield return found;
        }

        var installed = 0;
        foreach (var known in operators ?? LocalOperator.All)
        {
            var installations = await Installation.FindAsync(client, known, stop);
            if (operators is null && installations.Count == 0 && !await DefinitionsLook.AnyAsync(client, known, stop))
            {
                continue;
            }

            installed++;
            await foreach (var found in SafelyAsync($"{known.Name} definitions", new DefinitionsLook(client, known).RunAsync(stop)))
            {
                yield return found;
            }

            if (installations.Count == 0)
            {
                yield return Diagnosis.Warn(
                    $"{known.Name} Deployment", "no Deployment of any namespace runs it", $"install it: kubectl apply --server-side -f operators/{known.Folder}/install.yaml, or run the program outside of the cluster");
            }

            foreach (var installation in installations)
            {
                IAsyncEnumerable<Diagnosis>[] looks =
                [
                    new ReplicasLook(client, installation).RunAsync(stop),
                    new RightsLook(client, installation).RunAsync(stop),
                    new WebhookLook(client, installation).RunAsync(stop),
                    new MemoryLook(client, installation).RunAsync(stop),
                ];
                foreach (var look in looks)
                {
                    await foreach (var found in SafelyAsync($"{known.Name} in {installation.Namespace}", look))
                    {
                        yield return found;
                    }
                }
            }

            await foreach (var found in SafelyAsync($"{known.Name} finalizers", new FinalizersLook(client, known).RunAsync(stop)))
            {
                yield return found;
            }
        }

        if (installed == 0)
        {
            yield return Diagnosis.Warn("operators", "neither is installed in this cluster", "install one: kubectl apply --server-side -f operators/KubeTemplater/install.yaml");
        }
    }

    // What the person may not see is no reason to look no further.
    private static async IAsyncEnumerable<Diagnosis> SafelyAsync(string subject, IAsyncEnumerable<Diagnosis> look)
    {
        await using var findings = look.GetAsyncEnumerator();
        while (true)
        {
            Diagnosis found;
            var refusal = false;
            try
            {
                if (!await findings.MoveNextAsync())
                {
                    yield break;
                }

                found = findings.Current;
            }
            catch (ApiException refused) when (refused.Code == (int)HttpStatusCode.Forbidden)
            {
                refusal = true;
                found = Diagnosis.Warn(subject, $"could not be looked at: {refused.Status.Message}", "run it as somebody who may read this");
            }

            yield return found;
            if (refusal)
            {
                yield break;
            }
        }
    }
}
