using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Patching;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>
/// Asks the webhooks that a request concerns one after the other, in the order of their configurations' names, each with what those before it made
/// of the object. After a change those that want it are asked once more.
/// </summary>
internal sealed class MutatingWebhooks(Store store, Catalogue catalogue, WebhookCalls calls)
{
    /// <param name="webhooks">The webhooks.</param>
    /// <param name="request">The request; its object is replaced by what they make of it.</param>
    /// <param name="readmit">What else has a say in new objects, for the object of a request that webhooks have changed. True: it was changed again.</param>
    /// <exception cref="ApiError">Denied, not answered where an answer is wanted, or answered with a patch that does not fit.</exception>
    public async ValueTask ChangeAsync(IReadOnlyList<Webhook> webhooks, AdmissionRequest request, Func<bool> readmit)
    {
        var asked = new HashSet<string>();
        var again = new HashSet<string>();
        var changed = false;
        foreach (var webhook in webhooks)
        {
            var (wasAsked, hasChanged) = await AskAsync(webhook, request);
            if (hasChanged)
            {
                changed = true;
                again.UnionWith(asked);
                asked.Clear();
            }

            if (wasAsked && webhook.IsReinvoked)
            {
                asked.Add(webhook.Id);
            }
        }

        if (!changed)
        {
            return;
        }

        if (readmit())
        {
            again.UnionWith(asked);
        }

        foreach (var webhook in webhooks)
        {
            if (again.Contains(webhook.Id))
            {
                await AskAsync(webhook, request);
            }
        }
    }

    private async ValueTask<(bool WasAsked, bool HasChanged)> AskAsync(Webhook webhook, AdmissionRequest request)
    {
        if (webhook.Matcher.Match(request, store, catalogue) is not { } served || !webhook.MeetsConditions(request, served))
        {
            return (false, false);
        }

        WebhookAnswer answer;
        try
        {
            answer = await calls.AskAsync(webhook, request, served, isMutating: true);
        }
        catch (WebhookFailure failure)
        {
            return webhook.IgnoresFailures ? (true, false) : throw WebhookRefusal.Failed(webhook.Name, failure);
        }

        request.Write.Warnings.AddRange(answer.Warnings);
        if (!answer.Allowed)
        {
            throw WebhookRefusal.Denied(webhook.Name, answer.Status);
        }

        return (true, answer.Patch is not null && Patch(webhook, request, served, answer.Patch));
    }

    private static bool Patch(Webhook webhook, AdmissionRequest request, ServedResource served, JsonArray patch)
    {
        if (request.Object is not { } before)
        {
            throw ApiError.Internal($"admission webhook {GoFormat.Quote(webhook.Name)} attempted to modify the object, which is not supported for this operation");
        }

        JsonNode patched;
        try
        {
            patched = JsonPatch.Apply(request.InVersion(before, served)!, patch);
        }
        catch (PatchException e)
        {
            throw ApiError.Internal(e.Message);
        }

        var after = request.FromVersion(PatchedObject.Check(patched, request, served), served);
        request.Object = after;
        return !JsonNode.DeepEquals(before, after);
    }
}
