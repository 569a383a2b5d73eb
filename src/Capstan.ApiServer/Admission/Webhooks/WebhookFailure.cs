namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>A webhook could not be asked, or answered what is no answer: the request is refused unless such failures are to be ignored.</summary>
/// <param name="reason">Why, as it follows the name of the webhook.</param>
internal sealed class WebhookFailure(string reason) : Exception(reason);
