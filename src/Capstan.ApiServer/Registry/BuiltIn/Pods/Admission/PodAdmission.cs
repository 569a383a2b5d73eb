using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>What Kubernetes' own admission makes of pods, in its order: what it adds before they are validated, and what it refuses.</summary>
internal sealed class PodAdmission(ClusterState cluster, bool withAccounts)
{
    private readonly LimitRanges _limits = new(cluster);
    private readonly AccountAdmission? _accounts = withAccounts ? new(cluster) : null;
    private readonly PriorityAdmission _priorities = new(cluster);
    private readonly RuntimeClassAdmission _runtimes = new(cluster);

    /// <summary>Adds to a new or changed pod what admission adds.</summary>
    /// <exception cref="ApiError">403: it does not fit to what the cluster has.</exception>
    public void Admit(WriteRequest request, JsonObject pod, JsonObject? old)
    {
        if (request.Info.Subresource.Length > 0 || pod.Map("spec") is not { } spec)
        {
            return;
        }

        if (old is null)
        {
            _limits.SetDefaults(request, pod);
            _accounts?.Admit(request, pod);
        }

        _priorities.Admit(request, pod, old);
        DefaultTolerations.Add(spec);
        if (old is null)
        {
            _runtimes.Admit(request, pod);
            AppArmorAnnotations.Apply(pod, request.Warnings);
        }
    }

    /// <summary>Refuses a valid pod that breaks a limit, or that another admission has changed to what the first ones do not let through.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void Approve(WriteRequest request, JsonObject pod, JsonObject? old)
    {
        if (request.Info.Subresource == "resize" || (request.Info.Subresource.Length == 0 && old is null))
        {
            _limits.Check(request, pod, old);
        }

        if (request.Info.Subresource == "ephemeralcontainers")
        {
            _accounts?.CheckEphemeral(request, pod);
        }

        if (request.Info.Subresource.Length == 0 && old is null)
        {
            _accounts?.Check(request, pod);
            _runtimes.Check(request, pod);
        }
    }
}
