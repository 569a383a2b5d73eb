using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>What is done about fields that are unknown or written twice.</summary>
internal enum FieldValidation
{
    /// <summary>A warning for each; the default.</summary>
    Warn,

    /// <summary>Nothing.</summary>
    Ignore,

    /// <summary>The request is refused.</summary>
    Strict,
}

/// <summary>Query parameters of a write, checked as Kubernetes checks them.</summary>
internal sealed record WriteOptions(bool DryRun, string FieldManager, FieldValidation FieldValidation, bool Force)
{
    /// <param name="request">The request.</param>
    /// <param name="userAgent">Gives the field manager where none is named.</param>
    /// <param name="kind"><c>CreateOptions</c>, <c>UpdateOptions</c>, <c>PatchOptions</c> or <c>DeleteOptions</c>.</param>
    /// <param name="apply">Whether it is a server-side apply, which must name its manager and may force.</param>
    /// <exception cref="ApiError">422: an option is unknown or does not fit.</exception>
    public static WriteOptions Of(RequestInfo request, string userAgent, string kind, bool apply = false)
    {
        var errors = new List<FieldError>();
        var manager = request.Query["fieldManager"].FirstOrDefault() ?? "";
        var force = request.Query.ContainsKey("force") ? request.Flag("force") : (bool?)null;
        if (kind == "PatchOptions" && apply && manager.Length == 0)
        {
            errors.Add(new(FieldErrorReasons.Required, "fieldManager", "Required value: is required for apply patch"));
        }
        else if (kind == "PatchOptions" && !apply && force is not null)
        {
            errors.Add(new(FieldErrorReasons.Forbidden, "force", "Forbidden: may not be specified for non-apply patch"));
        }

        FieldManagerName.Check(manager, "fieldManager", errors);
        var dryRun = request.Query["dryRun"];
        if (dryRun.Any(d => d != "All"))
        {
            var texts = string.Join(",", dryRun.Select(d => GoFormat.Quote(d ?? "")));
            errors.Add(new(FieldErrorReasons.NotSupported, "dryRun", $"Unsupported value: [{texts}]: supported values: \"All\""));
        }

        var validation = request.Query["fieldValidation"].FirstOrDefault() ?? "";
        if (validation is not ("" or "Ignore" or "Strict" or "Warn") && kind != "DeleteOptions")
        {
            errors.Add(new(
                FieldErrorReasons.NotSupported,
                "fieldValidation",
                $"Unsupported value: {GoFormat.Quote(validation)}: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid("meta.k8s.io", kind, null, errors);
        }

        return new WriteOptions(
            dryRun.Count > 0,
            manager.Length > 0 ? manager : FieldManagerName.FromAgent(userAgent),
            validation switch { "Ignore" => FieldValidation.Ignore, "Strict" => FieldValidation.Strict, _ => FieldValidation.Warn },
            force ?? false);
    }

    /// <summary>As admission is shown it: what the client said, without what stands in for the rest.</summary>
    /// <param name="kind"><c>CreateOptions</c> or <c>UpdateOptions</c>.</param>
    /// <param name="query">The query of the request.</param>
    public JsonObject ToJson(string kind, IQueryCollection query)
    {
        var options = new JsonObject { ["kind"] = kind, ["apiVersion"] = "meta.k8s.io/v1" };
        if (DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }

        foreach (var name in (ReadOnlySpan<string>)["fieldManager", "fieldValidation"])
        {
            if (query[name].ToString() is { Length: > 0 } value)
            {
                options[name] = value;
            }
        }

        return options;
    }
}
