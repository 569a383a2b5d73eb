using System.Collections.Immutable;
using Capstan.ApiServer.Admission.Policies;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Admission;

/// <summary>What others have to say about a write before it is stored: webhooks that change it, and policies and webhooks that judge it.</summary>
/// <remarks>Safe for any number of threads. While nothing is configured, asking costs the reading of a field.</remarks>
internal sealed class AdmissionChain
{
    private const string Group = "admissionregistration.k8s.io";

    private readonly Compiled<ImmutableArray<Webhook>> _mutating;
    private readonly Compiled<ImmutableArray<Webhook>> _validating;
    private readonly Compiled<ValidatingPolicy> _policies;
    private readonly Compiled<PolicyBinding> _bindings;
    private readonly MutatingWebhooks _changes;
    private readonly ValidatingPolicies _rules;
    private readonly ValidatingWebhooks _checks;
    private readonly Lock _binding = new();
    private volatile Webhook[] _mutatingWebhooks = [];
    private volatile Webhook[] _validatingWebhooks = [];
    private volatile (ValidatingPolicy Policy, PolicyBinding[] Bindings)[] _boundPolicies = [];

    public AdmissionChain(Store store, Catalogue catalogue, TimeProvider clock)
    {
        var calls = new WebhookCalls(new ServiceEndpoints(store), clock);
        _changes = new MutatingWebhooks(store, catalogue, calls);
        _rules = new ValidatingPolicies(store, catalogue);
        _checks = new ValidatingWebhooks(store, catalogue, calls);
        _mutating = new(store, new(Group, "mutatingwebhookconfigurations"), Webhook.Read);
        _validating = new(store, new(Group, "validatingwebhookconfigurations"), Webhook.Read);
        _policies = new(store, new(Group, "validatingadmissionpolicies"), ValidatingPolicy.Read);
        _bindings = new(store, new(Group, "validatingadmissionpolicybindings"), PolicyBinding.Read);
        _mutating.Changed += () => _mutatingWebhooks = [.. _mutating.All.SelectMany(webhooks => webhooks)];
        _validating.Changed += () => _validatingWebhooks = [.. _validating.All.SelectMany(webhooks => webhooks)];
        _policies.Changed += Bind;
        _bindings.Changed += Bind;
    }

    /// <summary>Whether anybody may want to change a write.</summary>
    public bool Changes => _mutatingWebhooks.Length > 0;

    /// <summary>Whether anybody may want to refuse a write.</summary>
    public bool Checks => _validatingWebhooks.Length > 0 || _boundPolicies.Length > 0;

    /// <summary>Takes what is configured, and each change from now on. To be called once, before the first request.</summary>
    public void Start()
    {
        _mutating.Start();
        _validating.Start();
        _policies.Start();
        _bindings.Start();
    }

    /// <summary>Lets webhooks change the object of a request.</summary>
    /// <param name="request">The request; its object is replaced by what they make of it.</param>
    /// <param name="readmit">See <see cref="MutatingWebhooks.ChangeAsync"/>.</param>
    /// <exception cref="ApiError">Refused.</exception>
    public ValueTask ChangeAsync(AdmissionRequest request, Func<bool> readmit) =>
        IsExempt(request) ? default : _changes.ChangeAsync(_mutatingWebhooks, request, readmit);

    /// <summary>Asks whether a request may be carried out as it is now.</summary>
    /// <exception cref="ApiError">Refused.</exception>
    public ValueTask CheckAsync(AdmissionRequest request)
    {
        if (_boundPolicies.Length > 0 && !IsPolicy(request) && !IsReview(request))
        {
            _rules.Check(_boundPolicies, request);
        }

        return _validatingWebhooks.Length == 0 || IsExempt(request) ? default : _checks.CheckAsync(_validatingWebhooks, request);
    }

    // Policies and bindings change apart from each other, perhaps at once: whoever comes last sees both.
    private void Bind()
    {
        lock (_binding)
        {
            var bindings = _bindings.All.ToLookup(binding => binding.Policy);
            _boundPolicies = [.. _policies.All.Select(policy => (policy, bindings[policy.Name].ToArray())).Where(bound => bound.Item2.Length > 0)];
        }
    }

    // Nobody judges what decides who judges: a wrong configuration could never be put right. Policies may judge webhooks, but not the other way round.
    private static bool IsExempt(AdmissionRequest request) =>
        IsPolicy(request) || request.Served.Type is { Group: Group, Kind: "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" };

    // Who may do what is asked at every step: a policy that refuses to hear would stop the cluster.
    private static bool IsReview(AdmissionRequest request) => request.Served.Type is
    {
        Group: "authentication.k8s.io" or "authorization.k8s.io",
        Plural: "selfsubjectreviews" or "tokenreviews" or "localsubjectaccessreviews" or "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "subjectaccessreviews",
    };

    private static bool IsPolicy(AdmissionRequest request) => request.Served.Type is
    {
        Group: Group,
        Kind: "ValidatingAdmissionPolicy" or "ValidatingAdmissionPolicyBinding" or "MutatingAdmissionPolicy" or "MutatingAdmissionPolicyBinding",
    };
}
