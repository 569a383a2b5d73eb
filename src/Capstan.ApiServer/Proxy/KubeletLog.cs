using System.Text;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Http;
using Capstan.Schemas;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Capstan.ApiServer.Proxy;

/// <summary>A container's log, as it comes from the kubelet; its refusals become Statuses.</summary>
internal static class KubeletLog
{
    private const int MaxRefusalBytes = 8 << 10;

    /// <exception cref="ApiError">The kubelet does not answer, or refuses.</exception>
    public static async Task RunAsync(HttpContext http, RequestInfo info, HttpMessageInvoker kubelets, Uri target, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        HttpResponseMessage response;
        try
        {
            response = await kubelets.SendAsync(request, ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !ended.IsCancellationRequested)
        {
            throw ApiError.Unknown($"Get {GoFormat.Quote(target.AbsoluteUri)}: {ConnectionErrors.Text(e, target)}");
        }

        using (response)
        {
            await using var body = await response.Content.ReadAsStreamAsync(ended.Token);
            if ((int)response.StatusCode is < 200 or > 206)
            {
                throw Refusal((int)response.StatusCode, info, await TextAsync(body, ended.Token));
            }

            // Who reads slowly, such as a person at a pager, is no reason to hang up.
            http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
            http.Response.ContentType = "text/plain";
            try
            {
                await http.Response.StartAsync(ended.Token);
                await body.CopyToAsync(http.Response.Body, ended.Token);
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && stopping.IsCancellationRequested))
            {
                // Half a log must not look like a whole one.
                http.Abort();
            }
        }
    }

    private static ApiError Refusal(int code, RequestInfo info, string text) => code switch
    {
        400 => ApiError.BadRequest(text),
        404 => ApiError.Of(404, StatusReasons.NotFound, $"the server could not find the requested resource ( pods/log {info.Name})", new ApiStatusDetails { Name = info.Name, Kind = "pods/log" }),
        _ => ApiError.Internal(text),
    };

    private static async Task<string> TextAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[MaxRefusalBytes];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
