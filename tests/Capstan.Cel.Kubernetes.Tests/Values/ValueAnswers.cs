using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Values;

/// <summary>What is asked of the values, in the order of the committed answers of Kubernetes' own code.</summary>
internal static class ValueAnswers
{
    public static IReadOnlyList<string> Of(string kind, IReadOnlyList<string> inputs) => kind switch
    {
        "semver" => Version(inputs[0], inputs[1]),
        "ip" => Address(inputs[0]),
        "cidr" => Network(inputs[0], inputs[1], inputs[2]),
        "url" => Location(inputs[0]),
        "format" => [NamedFormat.Named(inputs[0])!.Validate(inputs[1]) is { Count: > 0 } faults ? Json([.. faults]) : "none", $"{NamedFormat.Named(inputs[0])!.RegexSize}"],
        "escape" => [FieldNameEscaping.Escape(inputs[0]) ?? "-", FieldNameEscaping.Unescape(inputs[0]) ?? "-"],
        _ => throw new ArgumentException(kind),
    };

    private static List<string> Version(string text, string other)
    {
        List<string> answers = [SemanticVersion.TryParse(text, normalize: false, out var strict, out var error) ? strict!.ToString() : Error(error)];
        if (!SemanticVersion.TryParse(text, normalize: true, out var version, out error))
        {
            return [.. answers, Error(error)];
        }

        var comparison = SemanticVersion.TryParse(other, normalize: true, out var right, out error) ? $"{version!.CompareTo(right)}" : Error(error);
        return [.. answers, version!.ToString(), $"{version.Major}", $"{version.Minor}", $"{version.Patch}", comparison];
    }

    private static List<string> Address(string text)
    {
        if (!IpAddress.TryParse(text, out var address, out var error))
        {
            return [Error(error)];
        }

        bool[] kinds = [address.IsUnspecified, address.IsLoopback, address.IsLinkLocalMulticast, address.IsLinkLocalUnicast, address.IsGlobalUnicast];
        return [address.ToString(), $"{address.Family}", .. kinds.Select(Bool)];
    }

    private static List<string> Network(string text, string ip, string inner)
    {
        if (!Cidr.TryParse(text, out var cidr, out var error))
        {
            return [Error(error)];
        }

        var containsIp = IpAddress.TryParse(ip, out var address, out error) ? Bool(cidr.ContainsIP(address)) : Error(error);
        var containsCidr = Cidr.TryParse(inner, out var other, out error) ? Bool(cidr.ContainsCIDR(other)) : Error(error);
        return [cidr.ToString(), cidr.Address.ToString(), cidr.Masked.ToString(), cidr.PrefixLength.ToString(CultureInfo.InvariantCulture), containsIp, containsCidr];
    }

    private static List<string> Location(string text)
    {
        var isUrl = Bool(Url.Fault(text) is null);
        if (!Url.TryParse(text, out var url, out var error))
        {
            return [isUrl, Error(error)];
        }

        var query = new JsonObject();
        foreach (var (name, values) in url!.Query.OrderBy(pair => pair.Key, Comparer<string>.Create((left, right) =>
            Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)))))
        {
            query[name] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        return [isUrl, url.ToString(), url.Scheme, url.Host, url.Hostname, url.Port, url.EscapedPath, Json(query)];
    }

    private static string Json(IEnumerable<string> texts) => Json(new JsonArray([.. texts.Select(text => JsonValue.Create(text))]));

    private static string Json(JsonNode node) => node.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string Bool(bool value) => value ? "true" : "false";

    private static string Error(string? error) => $"error: {error}";
}
