using System.Collections.Immutable;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Admission;

/// <summary>What others have to say about a write before it is stored: webhooks that change it, and webhooks that judge it.</summary>
/// <remarks>Safe for any number of threads. While nothing is configured, asking costs the reading of a field.</remarks>
internal sealed class AdmissionChain
{
    private const string Group = "admissionregistration.k8s.io";

    private readonly Compiled<ImmutableArray<Webhook>> _mutating;
    private readonly Compiled<ImmutableArray<Webhook>> _validating;
    private readonly MutatingWebhooks _changes;
    private readonly ValidatingWebhooks _checks;
    private volatile Webhook[] _mutatingWebhooks = [];
    private volatile Webhook[] _validatingWebhooks = [];

    public AdmissionChain(Store store, Catalogue catalogue, TimeProvider clock)
    {
        var calls = new WebhookCalls(new ServiceEndpoints(store), clock);
        _changes = new MutatingWebhooks(store, catalogue, calls);
        _checks = new ValidatingWebhooks(store, catalogue, calls);
        _mutating = new(store, new(Group, "mutatingwebhookconfigurations"), Webhook.Read);
        _validating = new(store, new(Group, "validatingwebhookconfigurations"), Webhook.Read);
        _mutating.Changed += () => _mutatingWebhooks = [.. _mutating.All.SelectMany(webhooks => webhooks)];
        _validating.Changed += () => _validatingWebhooks = [.. _validating.All.SelectMany(webhooks => webhooks)];
    }

    /// <summary>Whether anybody may want to change a write.</summary>
    public bool Changes => _mutatingWebhooks.Length > 0;

    /// <summary>Whether anybody may want to refuse a write.</summary>
    public bool Checks => _validatingWebhooks.Length > 0;

    /// <summary>Takes what is configured, and each change from now on. To be called once, before the first request.</summary>
    public void Start()
    {
        _mutating.Start();
        _validating.Start();
    }

    /// <summary>Lets webhooks change the object of a request.</summary>
    /// <param name="request">The request; its object is replaced by what they make of it.</param>
    /// <param name="readmit">See <see cref="MutatingWebhooks.ChangeAsync"/>.</param>
    /// <exception cref="ApiError">Refused.</exception>
    public ValueTask ChangeAsync(AdmissionRequest request, Func<bool> readmit) =>
        IsExempt(request) ? default : _changes.ChangeAsync(_mutatingWebhooks, request, readmit);

    /// <summary>Asks whether a request may be carried out as it is now.</summary>
    /// <exception cref="ApiError">Refused.</exception>
    public ValueTask CheckAsync(AdmissionRequest request) => IsExempt(request) ? default : _checks.CheckAsync(_validatingWebhooks, request);

    // Nobody judges what decides who judges: a wrong configuration could never be put right.
    private static bool IsExempt(AdmissionRequest request) => request.Served.Type is
    {
        Group: Group,
        Kind: "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" or "ValidatingAdmissionPolicy" or "ValidatingAdmissionPolicyBinding"
            or "MutatingAdmissionPolicy" or "MutatingAdmissionPolicyBinding",
    };
}
