using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;
using Capstan.Kinds;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Deletes pods as far as their disruption budgets let it. Thread-safe.</summary>
internal sealed class PodEviction(Store store, Catalogue catalogue, ClusterState cluster, Writes writes, TimeProvider clock)
{
    private const int MostDisrupted = 2000;
    private static readonly GroupResource Pods = new("", "pods");
    private static readonly GroupResource Budgets = new("policy", "poddisruptionbudgets");
    private static readonly ResourceType Eviction = new("policy", "v1", "Eviction", "evictions", Namespaced: true);
    private static readonly Schema Structure = BuiltInKinds.SchemaOf(Eviction.GroupVersionKind) ?? new Schema { Type = "object", PreserveUnknownFields = true };

    // Never served by itself: it lends the decoding of bodies its kind.
    private static readonly ServedResource Served = new()
    {
        Type = Eviction,
        Singular = "eviction",
        ListKind = "EvictionList",
        Schema = Structure,
        Rules = new KindRules(Eviction, Structure, hasStatus: false),
        Columns = [],
        StorageKind = Eviction.GroupVersionKind,
    };

    /// <summary>POST of an Eviction.</summary>
    public async ValueTask<StatusAnswer> EvictAsync(WriteRequest request, Body body)
    {
        if (body.Value is JsonObject sent && sent.Text("apiVersion") == "policy/v1beta1")
        {
            sent["apiVersion"] = Eviction.ApiVersion;
        }

        var eviction = await writes.AdmitSentAsync(request, writes.Reviewed(request with { Served = Served }, body));
        if (eviction.Text("metadata", "name") != request.Info.Name)
        {
            throw ApiError.BadRequest("name in URL does not match name in Eviction object");
        }

        var options = DeleteOptions.Of(request.Info, "application/json", ObjectBytes.Of(eviction.Map("deleteOptions") ?? []));
        options = options with { DryRun = options.DryRun || request.Options.DryRun };
        await writes.CheckSentAsync(request, eviction);
        var stored = store.Find(Pods, request.Key) ?? throw ApiError.NotFound(Pods, request.Info.Name);
        var pod = ObjectJson.Parse(stored.Json);
        var isFree = pod.Text("status", "phase") is "Succeeded" or "Failed" or "Pending" || pod.Text("metadata", "deletionTimestamp") is not null;
        if (!isFree && Refusal(request, pod, options.DryRun) is { } refusal)
        {
            return refusal;
        }

        await DeleteAsync(request with { Served = catalogue.Find("", "v1", "pods")! }, options);
        return new StatusAnswer(201, new ApiStatus { Status = "Success", Code = 201 });
    }

    // Why a pod goes is written into it before it does.
    private async ValueTask DeleteAsync(WriteRequest request, DeleteOptions options)
    {
        while (!options.DryRun)
        {
            var stored = store.Find(Pods, request.Key) ?? throw ApiError.NotFound(Pods, request.Info.Name);
            options.CheckPreconditions(request.Served, stored);
            var pod = ObjectBytes.Parse(request.Served, stored);
            PodConditions.Set(pod, "DisruptionTarget", "True", KubeTime.Format(clock.GetUtcNow()), "EvictionByEvictionAPI", "Eviction API: evicting");
            if (writes.Replace(request, pod, stored) is { } marked)
            {
                options = options.ResourceVersion is null ? options : options with { ResourceVersion = marked.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
                break;
            }
        }

        await writes.DeleteAdmittedAsync(request with { Info = request.Info with { Subresource = "", Verb = "delete" } }, options);
    }

    /// <summary>Null: the pod may go, and its budget knows that it does.</summary>
    private StatusAnswer? Refusal(WriteRequest request, JsonObject pod, bool dryRun)
    {
        var labels = (pod.Map("metadata", "labels") ?? []).ToDictionary(l => l.Key, l => l.Value.Text() ?? "");
        var budgets = cluster.List(Budgets, request.Info.Namespace).Where(b => Selects(b, labels)).ToList();
        if (budgets.Count > 1)
        {
            return new StatusAnswer(201, new ApiStatus
            {
                Status = "Failure",
                Message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                Code = 500,
            });
        }

        var name = budgets.FirstOrDefault().Text("metadata", "name");
        while (name is not null)
        {
            var stored = store.Find(Budgets, new ObjectKey(request.Info.Namespace, name));
            if (stored is null)
            {
                return null;
            }

            var budget = ObjectJson.Parse(stored.Json);
            if (IsUnhealthy(pod) && MayGoUnhealthy(budget))
            {
                return null;
            }

            Take(budget, name, request.Info.Name);
            if (dryRun || writes.Replace(request with { Served = catalogue.Find("policy", "v1", "poddisruptionbudgets")! }, budget, stored) is not null)
            {
                return null;
            }
        }

        return null;
    }

    private static bool Selects(JsonObject budget, Dictionary<string, string> labels)
    {
        try
        {
            return budget.Map("spec", "selector") is { } selector && LabelSelector.From(selector).Matches(labels);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsUnhealthy(JsonObject pod) => pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready").Text("status") != "True";

    private static bool MayGoUnhealthy(JsonObject budget) =>
        budget.Text("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"
        || (budget.Number("status", "currentHealthy") >= budget.Number("status", "desiredHealthy") && budget.Number("status", "desiredHealthy") > 0);

    private void Take(JsonObject budget, string name, string pod)
    {
        const string violates = "Cannot evict pod as it would violate the pod's disruption budget.";
        var status = budget.GetOrAddMap("status")!;
        if ((status.Number("observedGeneration") ?? 0) < (budget.Number("metadata", "generation") ?? 0))
        {
            throw TooMany(violates, $"The disruption budget {name} is still being processed by the server.", 10);
        }

        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed < 0)
        {
            throw ApiError.Forbidden(new GroupResource("policy", "poddisruptionbudget"), name, "pdb disruptions allowed is negative");
        }

        if ((status.Map("disruptedPods")?.Count ?? 0) > MostDisrupted)
        {
            throw ApiError.Forbidden(new GroupResource("policy", "poddisruptionbudget"), name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed == 0)
        {
            throw TooMany(violates, Why(status, name), null);
        }

        status["disruptionsAllowed"] = allowed - 1;
        status.GetOrAddMap("disruptedPods")![pod] = KubeTime.Format(clock.GetUtcNow());
    }

    private static string Why(JsonObject status, string name)
    {
        var condition = status.Items("conditions").FirstOrDefault(c => c.Text("type") == "DisruptionAllowed" && c.Text("status") == "False" && !string.IsNullOrEmpty(c.Text("message")));
        var (healthy, desired) = (status.Number("currentHealthy") ?? 0, status.Number("desiredHealthy") ?? 0);
        return condition.Text("reason") == "SyncFailed" ? $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {condition.Text("message")}"
            : healthy <= desired ? $"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
            : condition is not null ? $"The disruption budget {name} does not allow evicting pods currently ({condition.Text("reason")}): {condition.Text("message")}"
            : $"The disruption budget {name} does not allow evicting pods currently";
    }

    private static ApiError TooMany(string message, string why, int? retryAfter) => ApiError.Of(429, "TooManyRequests", message, new ApiStatusDetails
    {
        Causes = [new ApiStatusCause { Reason = "DisruptionBudget", Message = why }],
        RetryAfterSeconds = retryAfter,
    });
}
