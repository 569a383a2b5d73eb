using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Faults of where a webhook is.</summary>
internal static class WebhookAddresses
{
    private const string Form = "; desired format: https://host[/path]";

    /// <summary>A clientConfig: an address or a Service, one of both.</summary>
    public static void Check(JsonNode? client, string path, ICollection<FieldError> errors)
    {
        var (url, service) = (client.Text("url"), client.Map("service"));
        if (url is null == service is null)
        {
            errors.Add(FieldErrors.Required(path, "exactly one of url or service is required"));
        }
        else if (url is not null)
        {
            CheckUrl(url, $"{path}.url", errors);
        }
        else
        {
            CheckService(service!, $"{path}.service", errors);
        }
    }

    // A scheme, a host, a path, and nothing else.
    private static void CheckUrl(string text, string path, ICollection<FieldError> errors)
    {
        var url = GoUrl.Parse(text);
        if (url.Fault is not null)
        {
            errors.Add(FieldErrors.Required(path, $"url must be a valid URL: parse {GoFormat.Quote(text)}: {url.Fault}{Form}"));
            return;
        }

        if (url.Scheme != "https")
        {
            errors.Add(FieldErrors.Invalid(path, url.Scheme, "'https' is the only allowed URL scheme" + Form));
        }

        if (url.Host.Length == 0)
        {
            errors.Add(FieldErrors.Invalid(path, "", "host must be specified" + Form));
        }

        if (url.User is not null)
        {
            errors.Add(FieldErrors.Invalid(path, url.User, "user information is not permitted in the URL"));
        }

        if (url.Fragment.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, url.Fragment, "fragments are not permitted in the URL"));
        }

        if (url.Query.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, url.Query, "query parameters are not permitted in the URL"));
        }
    }

    // Name, namespace, port and path of a Service.
    private static void CheckService(JsonObject service, string path, ICollection<FieldError> errors)
    {
        // Kubernetes takes the one for the other here; clients see it.
        foreach (var (field, named) in (ReadOnlySpan<(string, string)>)[("namespace", "name"), ("name", "namespace")])
        {
            if (string.IsNullOrEmpty(service.Text(field)))
            {
                errors.Add(FieldErrors.Required($"{path}.{named}"));
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
