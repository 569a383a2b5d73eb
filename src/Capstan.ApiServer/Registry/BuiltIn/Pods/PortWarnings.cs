using System.Globalization;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What is told of ports that are defined more than once, also in different containers.</summary>
internal static class PortWarnings
{
    /// <summary>Adds the texts.</summary>
    public static void Of(PodScope scope, ICollection<string> warnings)
    {
        var ports = scope.Containers.SelectMany(c => c["ports"].Items).ToList();
        var byNumber = new Dictionary<string, List<Place>>(StringComparer.Ordinal);
        foreach (var port in ports)
        {
            if (port["hostIP"].HasText && port["hostPort"].Number == 0)
            {
                var (name, number, protocol, address) = (port["name"].Text, port["containerPort"].Number, port["protocol"].Text, port["hostIP"].Text);
                warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{port.Path}: hostIP set without hostPort: {{Name:{name} HostPort:0 ContainerPort:{number} Protocol:{protocol} HostIP:{address}}}"));
            }

            var key = $"{port["containerPort"].Number}/{port["protocol"].Text}";
            if (!byNumber.TryGetValue(key, out var others))
            {
                byNumber[key] = others = [];
            }

            foreach (var what in others.Select(other => Clash(port, other) is { } clash ? $"{clash} with {other.Path}" : null).OfType<string>())
            {
                warnings.Add($"{port.Path}: {what}");
            }

            others.Add(port);
        }

        var byName = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var port in ports.Where(p => p["name"].HasText && !byName.TryAdd(p["name"].Text, p)))
        {
            var first = byName[port["name"].Text].Path;
            warnings.Add($"{port.Path}: duplicate port name {GoFormat.Quote(port["name"].Text)} with {first}, services and probes that select ports by name will use {first}");
        }
    }

    private static string? Clash(Place port, Place other)
    {
        var (address, otherAddress, number, otherNumber) = (port["hostIP"].Text, other["hostIP"].Text, port["hostPort"].Number, other["hostPort"].Number);
        return address == otherAddress && number == otherNumber ? "duplicate port definition"
            : number == 0 || otherNumber == 0 ? "overlapping port definition"
            : number == otherNumber && (address.Length == 0) != (otherAddress.Length == 0) ? "dangerously ambiguous port definition"
            : null;
    }
}
