using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Cel;
using Capstan.Cel.Kubernetes.Admission;

namespace Capstan.ApiServer.Admission.Policies;

/// <summary>Judges requests by the policies that bindings put in force: a failure refuses them or is told as a warning, as the binding says.</summary>
internal sealed class ValidatingPolicies(Store store, Catalogue catalogue)
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    private readonly PolicyParams _params = new(store, catalogue);

    /// <param name="policies">Policies, each with its bindings.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="ApiError">Denied.</exception>
    public void Check(IReadOnlyList<(ValidatingPolicy Policy, PolicyBinding[] Bindings)> policies, AdmissionRequest request)
    {
        // All are evaluated, so that each may warn; the first denial is told.
        ApiError? denial = null;
        foreach (var (policy, bindings) in policies)
        {
            try
            {
                if (policy.Matcher.Match(request, store, catalogue) is { } served)
                {
                    _params.CheckKind(policy);
                    denial = bindings.Select(binding => Check(policy, binding, request, served)).Aggregate(denial, (first, next) => first ?? next);
                }
            }
            catch (ApiError e)
            {
                denial ??= Failed(policy, null, e.Message, request);
            }
            catch (PolicyFailure failure)
            {
                denial ??= Failed(policy, null, failure.Message, request);
            }
        }

        if (denial is not null)
        {
            throw denial;
        }
    }

    private ApiError? Check(ValidatingPolicy policy, PolicyBinding binding, AdmissionRequest request, ServedResource served)
    {
        try
        {
            if (binding.Matcher is not null && binding.Matcher.Match(request, store, catalogue) is null)
            {
                return null;
            }

            ApiError? denial = null;
            foreach (var found in _params.Find(policy, binding, request))
            {
                var input = request.ToInput(served) with { Namespace = CelValue.Of(NamespaceOf(request)), Params = CelValue.Of(found) };
                var verdict = policy.Expressions.Evaluate(input, cancellation: request.Write.Cancellation);
                denial ??= Judge(policy, binding, verdict, request);
            }

            return denial;
        }
        catch (PolicyFailure failure)
        {
            return Failed(policy, binding, failure.Message, request);
        }
        catch (ApiError e)
        {
            return Failed(policy, binding, e.Message, request);
        }
    }

    private static ApiError? Judge(ValidatingPolicy policy, PolicyBinding binding, AdmissionVerdict verdict, AdmissionRequest request)
    {
        ApiError? denial = null;
        foreach (var decision in verdict.Decisions.Where(decision => !decision.IsAdmitted))
        {
            if (binding.Denies)
            {
                denial ??= Denied(policy, binding, decision.Message, decision.Reason, request);
            }

            if (binding.Warns)
            {
                request.Write.Warnings.Add($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {decision.Message}");
            }
        }

        // An annotation that nobody can make refuses even where failures are only told.
        var broken = policy.IgnoresFailures ? null : verdict.AuditAnnotations.Select(annotation => annotation.Error).FirstOrDefault(error => error is not null);
        return denial ?? (broken is null ? null : Denied(policy, binding, broken, "", request));
    }

    private static ApiError? Failed(ValidatingPolicy policy, PolicyBinding? binding, string why, AdmissionRequest request) =>
        policy.IgnoresFailures ? null : Denied(policy, binding, $"failed to configure {(binding is null ? "policy" : "binding")}: {why}", "", request);

    private static ApiError Denied(ValidatingPolicy policy, PolicyBinding? binding, string why, string reason, AdmissionRequest request)
    {
        var message = binding is null
            ? $"ValidatingAdmissionPolicy '{policy.Name}' denied request: {why}"
            : $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: {why}";
        var forbidden = ApiError.Forbidden(request.Write.Resource, NameOf(request), message, new ApiStatusCause { Message = message }).Status;
        return new ApiError(forbidden with
        {
            Reason = reason.Length == 0 ? StatusReasons.Invalid : reason,
            Code = reason switch
            {
                StatusReasons.Forbidden => 403,
                StatusReasons.Unauthorized => 401,
                StatusReasons.RequestEntityTooLarge => 413,
                _ => 422,
            },
        });
    }

    // A name that is still to be generated is not known; a word must stand for it.
    private static string NameOf(AdmissionRequest request) =>
        request.Name.Length > 0 ? request.Name
        : request.Object.Text("metadata", "generateName") is { Length: > 0 } prefix ? prefix
        : "Unknown";

    private System.Text.Json.Nodes.JsonObject? NamespaceOf(AdmissionRequest request)
    {
        if (request.Namespace.Length == 0 || request.IsNamespace)
        {
            return null;
        }

        return store.Find(Namespaces, ObjectKey.ClusterScoped(request.Namespace)) is { } stored
            ? ObjectJson.Parse(stored.Json)
            : throw ApiError.NotFound(Namespaces, request.Namespace);
    }
}
