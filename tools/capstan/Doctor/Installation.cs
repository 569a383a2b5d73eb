using System.Text.Json.Nodes;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Doctor;

/// <summary>An operator as it is installed in a cluster: by whichever manifests or chart, under whichever names.</summary>
/// <param name="Known">Which operator.</param>
/// <param name="Deployment">What runs it.</param>
internal sealed record Installation(LocalOperator Known, DynamicObject Deployment)
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);

    private JsonObject? _json;

    /// <summary>Its namespace.</summary>
    public string Namespace => Deployment.Key.Namespace;

    /// <summary>How findings name it.</summary>
    public string Name => $"{Known.Name} ({Deployment.Key})";

    /// <summary>The Deployment, as JSON.</summary>
    public JsonObject Json => _json ??= Deployment.ToJson();

    /// <summary>Template of its pods.</summary>
    public JsonNode PodSpec => Json["spec"]!["template"]!["spec"]!;

    /// <summary>Its ServiceAccount.</summary>
    public ObjectKey Account => new(Namespace, (string?)PodSpec["serviceAccountName"] ?? "default");

    /// <summary>The container with the operator.</summary>
    public JsonNode Container => PodSpec["containers"]!.AsArray().First(container => IsImageOf(Known, (string?)container!["image"]))!;

    /// <summary>All Deployments that run an operator, told by their image, whichever registry it comes from.</summary>
    public static async Task<IReadOnlyList<Installation>> FindAsync(KubeClient client, LocalOperator known, CancellationToken stop)
    {
        var found = await client.ListAsync(Deployments, new ListOptions { LabelSelector = "control-plane=controller-manager" }, stop);
        return
        [
            .. from deployment in found.Items
               let installation = new Installation(known, deployment)
               where installation.PodSpec["containers"]!.AsArray().Any(container => IsImageOf(known, (string?)container!["image"]))
               select installation,
        ];
    }

    /// <summary>Value of a flag of the program; null: not given, or given empty.</summary>
    public string? Flag(string name)
    {
        var arguments = (Container["args"] as JsonArray ?? []).Concat(Container["command"] as JsonArray ?? []).Select(argument => (string?)argument ?? "").ToList();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].StartsWith($"{name}=", StringComparison.Ordinal))
            {
                return arguments[i][(name.Length + 1)..] is { Length: > 0 } value ? value : null;
            }

            if (arguments[i] == name)
            {
                return i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-') ? arguments[i + 1] : "true";
            }
        }

        return null;
    }

    /// <summary>Value of an environment variable that is given as text; null: not given so.</summary>
    public string? Variable(string name) =>
        (Container["env"] as JsonArray ?? []).Where(variable => (string?)variable!["name"] == name).Select(variable => (string?)variable!["value"]).FirstOrDefault() is { Length: > 0 } value ? value : null;

    private static bool IsImageOf(LocalOperator known, string? image) => image is not null && image.Split('/')[^1].Split(':', '@')[0] == known.ImageName;
}
