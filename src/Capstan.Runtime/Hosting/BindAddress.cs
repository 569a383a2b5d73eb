using System.Globalization;
using System.Net;

namespace Capstan.Hosting;

/// <summary>Where an endpoint listens, from the text of a flag.</summary>
internal static class BindAddress
{
    /// <summary>Whether the text says that there is no endpoint.</summary>
    public static bool IsOff(string text) => text is "" or "0";

    /// <summary>Reads <c>host:port</c>, <c>:port</c> or <c>0</c>.</summary>
    /// <returns>Null for <c>0</c> or nothing: the endpoint is off.</returns>
    /// <exception cref="OperatorException">The text is none of these. The host must be an address or <c>localhost</c>: names are not looked up.</exception>
    public static IPEndPoint? Parse(string text, string what)
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

        var address = host is "" or "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host, out var parsed) ? parsed
            : throw new OperatorException($"{what}: '{host}' is not an IP address");
        return new(address, port);
    }
}
