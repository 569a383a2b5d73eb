using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Hosting;

/// <summary>Where an endpoint listens, from the text of a flag.</summary>
internal static class BindAddress
{
    /// <summary>Whether the text says that there is no endpoint.</summary>
    public static bool IsOff(string text) => text is "" or "0";

    /// <summary>Whether this process runs in a pod, where the kubelet, Prometheus and the API server come from outside.</summary>
    public static bool InPod => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 };

    /// <summary>The one address that an empty host is, where several programs that think themselves alone share a machine: set by a node that runs pods as its processes.</summary>
    private static IPAddress? OfPod => IPAddress.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_POD_IP"), out var address) ? address : null;

    /// <summary>Reads <c>host:port</c>, <c>:port</c> or <c>0</c>.</summary>
    /// <param name="text">The flag.</param>
    /// <param name="what">What the address is of, for errors.</param>
    /// <param name="inPod">Whether an empty host is every address, not only the loopback one.</param>
    /// <returns>Null for <c>0</c> or nothing: the endpoint is off.</returns>
    /// <exception cref="OperatorException">The text is none of these. The host must be an address or <c>localhost</c>: names are not looked up.</exception>
    public static IPEndPoint? Parse(string text, string what, bool inPod)
    {
        if (IsOff(text))
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new OperatorException($"{what}: '{text}' is not host:port");
        }

        var address = host is "" && OfPod is { } own ? own
            : host is "" && inPod ? Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any
            : host is "" or "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host, out var parsed) ? parsed
            : throw new OperatorException($"{what}: '{host}' is not an IP address");
        return new(address, port);
    }
}
