using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>Gives pods their ServiceAccount, its token in a volume, and its secrets for pulling images.</summary>
internal sealed class AccountAdmission(ClusterState cluster)
{
    private const string Mirror = "kubernetes.io/config.mirror";

    internal static readonly GroupResource Accounts = new("", "serviceaccounts");
    internal const string DefaultAccount = "default";

    /// <summary>Adds to a new pod what it gets from its account.</summary>
    /// <exception cref="ApiError">403: no such account.</exception>
    public void Admit(WriteRequest request, JsonObject pod)
    {
        if (IsMirror(pod))
        {
            CheckMirror(request, pod);
            return;
        }

        var spec = pod.Map("spec")!;
        if (string.IsNullOrEmpty(spec.Text("serviceAccountName")))
        {
            spec["serviceAccountName"] = DefaultAccount;
        }

        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        var account = Find(request, pod);
        if (spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken") ?? true)
        {
            TokenVolume.Mount(spec);
        }

        if (spec.Items("imagePullSecrets").Count == 0 && account.Items("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = new JsonArray([.. secrets.Select(s => new JsonObject { ["name"] = s.Text("name") ?? "" })]);
        }

        CheckSecrets(request, pod, account);
    }

    /// <summary>Refuses a pod without an account, or one that uses secrets which are not its account's to use.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void Check(WriteRequest request, JsonObject pod)
    {
        if (IsMirror(pod))
        {
            CheckMirror(request, pod);
            return;
        }

        CheckSecrets(request, pod, Find(request, pod));
    }

    /// <summary>The same of the containers that are added to a running pod.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void CheckEphemeral(WriteRequest request, JsonObject pod)
    {
        var account = Find(request, pod);
        if (IsEnforced(account) && SecretUse.OfContainers(pod.Items("spec", "ephemeralContainers"), "ephemeral container", Mountable(account), account.Text("metadata", "name")!) is { } fault)
        {
            throw request.Refused(pod, fault);
        }
    }

    private JsonObject Find(WriteRequest request, JsonObject pod)
    {
        var name = pod.Text("spec", "serviceAccountName") ?? "";
        if (name.Length == 0)
        {
            throw request.Refused(pod, $"no service account specified for pod {request.Info.Namespace}/{pod.Text("metadata", "name")}");
        }

        return cluster.Find(Accounts, request.Info.Namespace, name)
            ?? throw request.Refused(pod, $"error looking up service account {request.Info.Namespace}/{name}: serviceaccount {GoFormat.Quote(name)} not found");
    }

    private static bool IsMirror(JsonObject pod) => pod.At("metadata", "annotations", Mirror) is not null;

    private static void CheckMirror(WriteRequest request, JsonObject pod)
    {
        var fault = !string.IsNullOrEmpty(pod.Text("spec", "serviceAccountName")) ? "a mirror pod may not reference service accounts"
            : SecretUse.Any(pod.Map("spec")) ? "a mirror pod may not reference secrets"
            : pod.Items("spec", "volumes").SelectMany(v => v.Items("projected", "sources")).Any(s => s.Map("serviceAccountToken") is not null)
                ? "a mirror pod may not use ServiceAccountToken volume projections"
            : null;
        if (fault is not null)
        {
            throw request.Refused(pod, fault);
        }
    }

    private static void CheckSecrets(WriteRequest request, JsonObject pod, JsonObject account)
    {
        if (!IsEnforced(account))
        {
            return;
        }

        var pullable = account.Items("imagePullSecrets").Select(s => s.Text("name") ?? "").ToHashSet();
        if (SecretUse.OfPod(pod.Map("spec"), Mountable(account), pullable, account.Text("metadata", "name")!) is { } fault)
        {
            throw request.Refused(pod, fault);
        }
    }

    private static bool IsEnforced(JsonObject account) =>
        account.Text("metadata", "annotations", ServiceAccountRules.EnforceMountable) is "1" or "t" or "T" or "true" or "TRUE" or "True";

    private static HashSet<string> Mountable(JsonObject account) => account.Items("secrets").Select(s => s.Text("name") ?? "").ToHashSet();
}
