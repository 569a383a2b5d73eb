using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.Schemas;

namespace Capstan.ApiServer.Aggregation;

/// <summary>Rules of APIService: what this server serves itself is available from the start.</summary>
internal sealed class ApiServiceRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const int DefaultPort = 443;

    /// <summary>The condition of a version that this server serves itself.</summary>
    public static JsonObject LocalCondition(string? now) => new()
    {
        ["type"] = "Available",
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = "Local",
        ["message"] = "Local APIServices are always available",
    };

    /// <inheritdoc/>
    protected override NameRule NameRule => Naming.PathSegment;

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        base.DefaultKind(obj);
        if (obj.Map("spec", "service") is { } service && service["port"] is null)
        {
            service["port"] = DefaultPort;
        }
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        obj["status"] = obj.Map("spec", "service") is not null
            ? []
            : new JsonObject { ["conditions"] = new JsonArray(LocalCondition(obj.Text("metadata", "creationTimestamp"))) };
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        base.ValidateKind(obj, errors);
        var spec = obj.Map("spec");
        var (name, expected) = (obj.Text("metadata", "name") ?? "", $"{spec.Text("version")}.{spec.Text("group")}");
        if (name != expected)
        {
            errors.Add(FieldErrors.Invalid("metadata.name", name, $"must be `spec.version+\".\"+spec.group`: {GoFormat.Quote(expected)}"));
        }

        if (spec.Number("groupPriorityMinimum") is not (> 0 and <= 20000))
        {
            errors.Add(FieldErrors.Invalid("spec.groupPriorityMinimum", spec.Number("groupPriorityMinimum") ?? 0, "must be positive and less than 20000"));
        }

        if (spec.Number("versionPriority") is not (> 0 and <= 1000))
        {
            errors.Add(FieldErrors.Invalid("spec.versionPriority", spec.Number("versionPriority") ?? 0, "must be positive and less than 1000"));
        }

        if (spec.Map("service") is null)
        {
            if (spec.Text("caBundle") is { Length: > 0 })
            {
                errors.Add(FieldErrors.Invalid("spec.caBundle", $"{spec.Text("caBundle")!.Length * 3 / 4} bytes", "local APIServices may not have a caBundle"));
            }

            if (spec.Flag("insecureSkipTLSVerify") == true)
            {
                errors.Add(FieldErrors.Invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"));
            }

            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["namespace", "name"])
        {
            if (spec.Text("service", field) is not { Length: > 0 })
            {
                errors.Add(FieldErrors.Required($"spec.service.{field}", ""));
            }
        }

        if (spec.Flag("insecureSkipTLSVerify") == true && spec.Text("caBundle") is { Length: > 0 })
        {
            errors.Add(FieldErrors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
        }
    }
}
