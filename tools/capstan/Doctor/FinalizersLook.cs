using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Doctor;

/// <summary>Objects that wait for a finalizer: an operator that is gone does not come back for them.</summary>
internal sealed class FinalizersLook(KubeClient client, LocalOperator known)
{
    private const int Most = 5;

    // The Go operator put it on every namespace of the cluster, kube-system included.
    private const string OfGo = "kubetemplater.io/namespace-finalizer";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var any = false;
        foreach (var (type, _) in known.Kinds)
        {
            if (await client.Discovery.FindAsync(new(type.Group, type.Version, type.Kind), stop) is null)
            {
                continue;
            }

            await foreach (var found in JudgeAsync(type, stop))
            {
                any = true;
                yield return found;
            }
        }

        if (known.ApiGroup == "kubetemplater.io")
        {
            await foreach (var found in NamespacesAsync(stop))
            {
                any = true;
                yield return found;
            }
        }

        if (!any)
        {
            yield return Diagnosis.Fine($"{known.Name} finalizers", "nothing waits for one");
        }
    }

    private async IAsyncEnumerable<Diagnosis> JudgeAsync(ResourceType type, [EnumeratorCancellation] CancellationToken stop)
    {
        var stuck = 0;
        await foreach (var one in client.EnumerateAsync(type, new ListOptions { MetadataOnly = true, PageSize = 500 }, stop))
        {
            if (IsStuck(one) && ++stuck <= Most)
            {
                yield return Diagnosis.Wrong(
                    $"{type.Kind} {one.Key}",
                    $"is being deleted since {one.DeletionTimestamp:u} and waits for {string.Join(", ", one.Finalizers)}",
                    $"the operator removes it when it runs; if it is gone for good and what it made may stay: kubectl -n {one.Key.Namespace} patch {type.Plural} {one.Key.Name} --type=merge -p '{{\"metadata\":{{\"finalizers\":null}}}}'");
            }
        }

        if (stuck > Most)
        {
            yield return Diagnosis.Wrong($"{type.Kind}s", $"{stuck - Most} more wait for a finalizer", $"kubectl get {type.Plural} -A -o jsonpath='{{range .items[?(@.metadata.deletionTimestamp)]}}{{.metadata.namespace}}/{{.metadata.name}}{{\"\\n\"}}{{end}}'");
        }
    }

    private async IAsyncEnumerable<Diagnosis> NamespacesAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var marked = 0;
        await foreach (var one in client.EnumerateAsync(Namespaces, new ListOptions { PageSize = 500 }, stop))
        {
            marked += one.Finalizers.Contains(OfGo) ? 1 : 0;
            if (IsStuck(one))
            {
                var reasons = (one.ToJson()["status"]?["conditions"] as JsonArray ?? []).Where(condition => (string?)condition!["status"] == "True").Select(condition => (string?)condition!["message"]);
                yield return Diagnosis.Warn($"Namespace {one.Key.Name}", $"is being deleted since {one.DeletionTimestamp:u}: {string.Join("; ", reasons)}", "see what is left in it: kubectl api-resources --verbs=list --namespaced -o name | xargs -n1 kubectl get --ignore-not-found -n " + one.Key.Name);
            }
        }

        if (marked > 0)
        {
            yield return Diagnosis.Wrong(
                "namespaces", $"{marked} bear the Go operator's finalizer {OfGo}: they cannot be deleted without it", "this version takes it off all namespaces when it leads (docs/migrating-from-go.md); the Go operator must not run beside it, which puts it back");
        }
    }

    private bool IsStuck(DynamicObject found) => found.DeletionTimestamp is { } since && client.Options.TimeProvider.GetUtcNow() - since > Patience;
}
