using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Faults of the conversion between the versions of a CustomResourceDefinition.</summary>
internal static class ConversionValidation
{
    /// <summary>Adds the faults.</summary>
    public static void Check(JsonObject? conversion, ICollection<FieldError> errors)
    {
        if (conversion is null)
        {
            return;
        }

        var strategy = conversion.Text("strategy") ?? "";
        if (strategy.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.conversion.strategy"));
        }
        else if (strategy is not ("None" or "Webhook"))
        {
            errors.Add(FieldErrors.NotSupported("spec.conversion.strategy", strategy, ["None", "Webhook"]));
        }

        var client = conversion.Map("webhook", "clientConfig");
        var reviewVersions = conversion.Items("webhook", "conversionReviewVersions");
        if (strategy == "Webhook")
        {
            CheckClient(client, "spec.conversion.webhookClientConfig", errors);
            ReviewVersions.Check(reviewVersions, "spec.conversion.conversionReviewVersions", "", mustBeKnown: true, errors);
            return;
        }

        const string unused = "should not be set when strategy is not set to Webhook";
        if (client is not null)
        {
            errors.Add(FieldErrors.Forbidden("spec.conversion.webhookClientConfig", unused));
        }

        if (reviewVersions.Count > 0)
        {
            errors.Add(FieldErrors.Forbidden("spec.conversion.conversionReviewVersions", unused));
        }
    }

    private static void CheckClient(JsonObject? client, string path, ICollection<FieldError> errors)
    {
        if (client is null)
        {
            errors.Add(FieldErrors.Required(path, "required when strategy is set to Webhook"));
            return;
        }

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

    private static void CheckUrl(string url, string path, ICollection<FieldError> errors)
    {
        const string form = "; desired format: https://host[/path]";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            errors.Add(FieldErrors.Required(path, "url must be a valid URL: " + url + form));
            return;
        }

        if (parsed.Scheme != "https")
        {
            errors.Add(FieldErrors.Invalid(path, parsed.Scheme, "'https' is the only allowed URL scheme" + form));
        }

        if (parsed.Host.Length == 0)
        {
            errors.Add(FieldErrors.Invalid(path, parsed.Host, "host must be specified" + form));
        }

        if (parsed.UserInfo.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, parsed.UserInfo, "user information is not permitted in the URL"));
        }

        if (parsed.Fragment.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, parsed.Fragment[1..], "fragments are not permitted in the URL"));
        }

        if (parsed.Query.Length > 0)
        {
            errors.Add(FieldErrors.Invalid(path, parsed.Query[1..], "query parameters are not permitted in the URL"));
        }
    }

    private static void CheckService(JsonObject service, string path, ICollection<FieldError> errors)
    {
        // The fields that Kubernetes names in these faults are the wrong ones; clients see them all the same.
        if (string.IsNullOrEmpty(service.Text("name")))
        {
            errors.Add(FieldErrors.Required($"{path}.namespace"));
        }

        if (string.IsNullOrEmpty(service.Text("namespace")))
        {
            errors.Add(FieldErrors.Required($"{path}.name"));
        }

        if (service.Number("port") is < 1 or > 65535)
        {
            errors.Add(FieldErrors.Invalid($"{path}.port", service.At("port"), "port is not valid: must be between 1 and 65535, inclusive"));
        }

        if (service.Text("path") is { Length: > 0 } urlPath && urlPath[0] != '/')
        {
            errors.Add(FieldErrors.Invalid($"{path}.path", urlPath, "must start with a '/'"));
        }
    }
}
