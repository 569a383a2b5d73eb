using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Faults of where a webhook is.</summary>
internal static class WebhookAddresses
{
    private const string Form = "; desired format: https://host[/path]";

    /// <summary>An address: a scheme, a host, a path, and nothing else.</summary>
    public static void CheckUrl(string url, string path, ICollection<FieldError> errors)
    {
        var colon = url.IndexOf("://", StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : url[..colon].ToLowerInvariant();
        var rest = colon < 0 ? "" : url[(colon + 3)..];
        if (url.Any(c => c is < ' ' or '\x7f'))
        {
            errors.Add(FieldErrors.Required(path, $"url must be a valid URL: parse {GoFormat.Quote(url)}: net/url: invalid control character in URL{Form}"));
            return;
        }

        if (rest.Split('/')[0].Contains(' ', StringComparison.Ordinal))
        {
            errors.Add(FieldErrors.Required(path, $"url must be a valid URL: parse {GoFormat.Quote(url)}: invalid character \" \" in host name{Form}"));
            return;
        }

        if (scheme != "https")
        {
            errors.Add(FieldErrors.Invalid(path, scheme, "'https' is the only allowed URL scheme" + Form));
        }

        var fragment = rest.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash ? rest[(hash + 1)..] : "";
        rest = fragment.Length > 0 ? rest[..^(fragment.Length + 1)] : rest.TrimEnd('#');
        var query = rest.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? rest[(mark + 1)..] : "";
        rest = rest.Split('?')[0];
        var authority = rest.Split('/')[0];
        var at = authority.LastIndexOf('@');
        if (authority[(at + 1)..].Length == 0)
        {
            errors.Add(FieldErrors.Invalid(path, "", "host must be specified" + Form));
        }

        if (at >= 0)
        {
            errors.Add(FieldErrors.Invalid(path, authority[..at], "user information is not permitted in the URL"));
        }

        if (fragment.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, fragment, "fragments are not permitted in the URL"));
        }

        if (query.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, query, "query parameters are not permitted in the URL"));
        }
    }

    /// <summary>A port and a path of a Service.</summary>
    public static void CheckService(JsonObject service, string path, ICollection<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (string.IsNullOrEmpty(service.Text(field)))
            {
                errors.Add(FieldErrors.Required($"{path}.{field}"));
            }
        }

        if (service.Number("port") is < 1 or > ushort.MaxValue)
        {
            errors.Add(FieldErrors.Invalid($"{path}.port", service.At("port"), "port is not valid: must be between 1 and 65535, inclusive"));
        }

        CheckPath(service.Text("path") ?? "", $"{path}.path", errors);
    }

    private static void CheckPath(string value, string path, ICollection<FieldError> errors)
    {
        if (value is "" or "/")
        {
            return;
        }

        if (value == "//")
        {
            errors.Add(FieldErrors.Invalid(path, value, "segment[0] may not be empty"));
            return;
        }

        if (value[0] != '/')
        {
            errors.Add(FieldErrors.Invalid(path, value, "must start with a '/'"));
        }

        var steps = (value.EndsWith('/') && value.Length > 1 ? value[1..^1] : value[1..]).Split('/');
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Length == 0)
            {
                errors.Add(FieldErrors.Invalid(path, value, $"segment[{i}] may not be empty"));
                continue;
            }

            foreach (var fault in Naming.SubdomainFaults(steps[i]))
            {
                errors.Add(FieldErrors.Invalid(path, value, $"segment[{i}]: {fault}"));
            }
        }
    }
}
