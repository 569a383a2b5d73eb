using System.Diagnostics;

namespace Capstan.Diagnostics;

/// <summary>The spans of the runtime. Without a listener there are none, and asking for one costs a comparison.</summary>
internal static class Tracing
{
    /// <summary>Name of the source, for listeners.</summary>
    public const string SourceName = "Capstan";

    public static readonly ActivitySource Source = new(SourceName);

    public static bool IsOn => Source.HasListeners();

    /// <summary>A change that an informer tells a controller of; null when nobody listens.</summary>
    public static Activity? Event(string controller, string resource, string change, ObjectKey key)
    {
        if (!IsOn || Source.StartActivity("capstan.event", ActivityKind.Consumer) is not { } span)
        {
            return null;
        }

        return span.SetTag("k8s.controller", controller).SetTag("k8s.resource", resource).SetTag("k8s.event", change).SetTag("k8s.object", key.ToString());
    }

    /// <summary>One try of a request to the API server; null when nobody listens.</summary>
    public static Activity? Request(string method, string host, string description)
    {
        if (!IsOn || Source.StartActivity("capstan.request", ActivityKind.Client) is not { } span)
        {
            return null;
        }

        span.DisplayName = description;
        return span.SetTag("http.request.method", method).SetTag("server.address", host);
    }

    /// <summary>An admission request; null when nobody listens.</summary>
    /// <param name="path">Path of the webhook.</param>
    /// <param name="parent">Header <c>traceparent</c> of the API server, if it traces.</param>
    public static Activity? Admission(string path, string? parent)
    {
        if (!IsOn)
        {
            return null;
        }

        var span = ActivityContext.TryParse(parent, null, isRemote: true, out var context)
            ? Source.StartActivity("capstan.admission", ActivityKind.Server, context)
            : Source.StartActivity("capstan.admission", ActivityKind.Server);
        return span?.SetTag("url.path", path);
    }

    public static void Fail(this Activity span, Exception error)
    {
        span.SetStatus(ActivityStatusCode.Error, error.Message);
        span.SetTag("error.type", error.GetType().FullName);
    }
}
