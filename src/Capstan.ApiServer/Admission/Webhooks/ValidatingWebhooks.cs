using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Asks all webhooks that a request concerns, at once: one that denies refuses it.</summary>
internal sealed class ValidatingWebhooks(Store store, Catalogue catalogue, WebhookCalls calls)
{
    /// <exception cref="ApiError">Denied, or not answered where an answer is wanted.</exception>
    public async ValueTask CheckAsync(IReadOnlyList<Webhook> webhooks, AdmissionRequest request)
    {
        List<(Webhook Webhook, ServedResource Served)>? wanted = null;
        foreach (var webhook in webhooks)
        {
            if (webhook.Matcher.Match(request, store, catalogue) is { } served && webhook.MeetsConditions(request, served))
            {
                (wanted ??= []).Add((webhook, served));
            }
        }

        if (wanted is null)
        {
            return;
        }

        // All answers are awaited, also after a refusal: their warnings are told too.
        var verdicts = await Task.WhenAll(wanted.Select(w => AskAsync(w.Webhook, request, w.Served)).ToList());
        foreach (var (_, warnings) in verdicts)
        {
            request.Write.Warnings.AddRange(warnings);
        }

        if (verdicts.Select(verdict => verdict.Refusal).FirstOrDefault(refusal => refusal is not null) is { } first)
        {
            throw first;
        }
    }

    private async Task<(ApiError? Refusal, IReadOnlyList<string> Warnings)> AskAsync(Webhook webhook, AdmissionRequest request, ServedResource served)
    {
        try
        {
            var answer = await calls.AskAsync(webhook, request, served, isMutating: false);
            return (answer.Allowed ? null : WebhookRefusal.Denied(webhook.Name, answer.Status), answer.Warnings);
        }
        catch (WebhookFailure failure)
        {
            return (webhook.IgnoresFailures ? null : WebhookRefusal.Failed(webhook.Name, failure), []);
        }
        catch (ApiError refusal)
        {
            return (refusal, []);
        }
    }
}
