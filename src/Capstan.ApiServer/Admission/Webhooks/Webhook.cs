using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Cel.Kubernetes;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>One webhook of a configuration, compiled. Immutable.</summary>
internal sealed class Webhook
{
    private readonly AdmissionPolicy? _conditions;

    private Webhook(string configuration, JsonNode webhook)
    {
        Name = webhook.Text("name") ?? "";
        Id = $"{configuration}/{Name}";
        Matcher = new RequestMatcher(webhook, webhook.Items("rules"));
        Client = WebhookClientConfig.Read(webhook["clientConfig"]);
        IgnoresFailures = webhook.Text("failurePolicy") == "Ignore";
        IsReinvoked = webhook.Text("reinvocationPolicy") == "IfNeeded";
        HasSideEffects = webhook.Text("sideEffects") is not ("None" or "NoneOnDryRun");
        Timeout = TimeSpan.FromSeconds(Math.Clamp(webhook.Number("timeoutSeconds") ?? 10, 1, 30));
        ReviewVersion = webhook.Items("admissionReviewVersions").Select(version => version.Text()).FirstOrDefault(AdmissionReview.IsKnown);
        if (webhook.Items("matchConditions") is { Count: > 0 } conditions)
        {
            _conditions = AdmissionPolicy.Compile(
                new()
                {
                    IgnoresFailures = IgnoresFailures,
                    MatchConditions = [.. conditions.Select(c => new NamedExpression(c.Text("name") ?? "", c.Text("expression") ?? ""))],
                },
                KubernetesEnvironment.Of(1, 36, CelExpressionsMode.Stored));
        }
    }

    /// <summary>What it is called in its configuration.</summary>
    public string Name { get; }

    /// <summary>Tells it from those of other configurations.</summary>
    public string Id { get; }

    /// <summary>Which requests it is for.</summary>
    public RequestMatcher Matcher { get; }

    /// <summary>Where it is.</summary>
    public WebhookClientConfig Client { get; }

    /// <summary>Whether a request passes when the webhook cannot be asked.</summary>
    public bool IgnoresFailures { get; }

    /// <summary>Whether it is asked again after a later one has changed the object.</summary>
    public bool IsReinvoked { get; }

    /// <summary>Whether it may change something elsewhere, so that a dry run must not ask it.</summary>
    public bool HasSideEffects { get; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>The version of AdmissionReview that it prefers of those that are known; null where there is none.</summary>
    public string? ReviewVersion { get; }

    /// <summary>The webhooks of a configuration, in their order.</summary>
    public static ImmutableArray<Webhook> Read(JsonObject configuration)
    {
        var name = configuration.Text("metadata", "name") ?? "";
        return [.. configuration.Items("webhooks").OfType<JsonObject>().Select(webhook => new Webhook(name, webhook))];
    }

    /// <summary>Whether the match conditions hold.</summary>
    /// <exception cref="Http.ApiError">403: there is no telling, and failures are not ignored.</exception>
    public bool MeetsConditions(AdmissionRequest request, ServedResource served)
    {
        if (_conditions is null)
        {
            return true;
        }

        var verdict = _conditions.Evaluate(request.ToInput(served), cancellation: request.Write.Cancellation);
        return verdict.IsAdmitted
            ? verdict.Matches
            : throw Http.ApiError.Forbidden(request.Write.Resource, request.Name, verdict.Decisions[0].Message);
    }
}
