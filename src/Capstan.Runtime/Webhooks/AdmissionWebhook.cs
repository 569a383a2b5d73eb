namespace Capstan.Webhooks;

/// <summary>A webhook that judges requests.</summary>
/// <param name="Path">Path of the URL, beginning with a slash.</param>
/// <param name="IsMutating">Whether its answer may change the object.</param>
/// <param name="Handler">Judges a request; runs for several at the same time.</param>
/// <param name="NeedsCaches">Whether it is asked only once the operator's caches have synced.</param>
internal sealed record AdmissionWebhook(string Path, bool IsMutating, Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> Handler, bool NeedsCaches = true) : Webhook(Path)
{
    /// <summary>A webhook over a typed kind.</summary>
    public static AdmissionWebhook Of<T>(string path, bool isMutating, Func<AdmissionRequest<T>, CancellationToken, ValueTask<AdmissionResult>> handler, bool needsCaches = true)
        where T : KubeObject, IKubeObject<T> =>
        new(path, isMutating, (request, cancellationToken) => handler(new(request), cancellationToken), needsCaches);
}
