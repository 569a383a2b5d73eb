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
            if (client is null)
            {
                errors.Add(FieldErrors.Required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
            }
            else
            {
                WebhookAddresses.Check(client, "spec.conversion.webhookClientConfig", errors);
            }

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
}
