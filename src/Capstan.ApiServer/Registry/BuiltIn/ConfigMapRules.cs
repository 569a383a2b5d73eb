using System.Text;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of ConfigMap.</summary>
internal sealed class ConfigMapRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const long MaxBytes = 1 << 20;

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var total = 0L;
        foreach (var (key, value) in obj.Map("data") ?? [])
        {
            MetadataRules.Add(errors, $"data[{key}]", key, Naming.ConfigKeyFaults(key));
            if (obj.Map("binaryData")?.ContainsKey(key) == true)
            {
                errors.Add(FieldErrors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData"));
            }

            total += Encoding.UTF8.GetByteCount(value.Text() ?? "");
        }

        foreach (var (key, value) in obj.Map("binaryData") ?? [])
        {
            MetadataRules.Add(errors, $"binaryData[{key}]", key, Naming.ConfigKeyFaults(key));
            total += Base64Size.Of(value.Text());
        }

        if (total > MaxBytes)
        {
            errors.Add(FieldErrors.TooLong("[]", MaxBytes));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        if (old.Flag("immutable") == true)
        {
            const string fault = "field is immutable when `immutable` is set";
            if (obj.Flag("immutable") != true)
            {
                errors.Add(FieldErrors.Forbidden("immutable", fault));
            }

            foreach (var field in (ReadOnlySpan<string>)["data", "binaryData"])
            {
                if (!JsonNode.DeepEquals(obj[field], old[field]))
                {
                    errors.Add(FieldErrors.Forbidden(field, fault));
                }
            }
        }

        ValidateKind(obj, errors);
    }
}
