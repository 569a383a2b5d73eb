using System.Text;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of Secret.</summary>
internal sealed class SecretRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const long MaxBytes = 1 << 20;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["type"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field == "type" ? obj.Text("type") ?? "" : base.FieldValue(obj, field);

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        // Updates from before the type was required may leave it out.
        if (string.IsNullOrEmpty(obj.Text("type")))
        {
            Restore(obj, old, "type");
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (string.IsNullOrEmpty(obj.Text("type")))
        {
            obj["type"] = "Opaque";
        }

        // stringData is written only: it replaces entries of data and is never shown.
        if (obj["stringData"] is JsonObject texts)
        {
            obj.Remove("stringData");
            if (texts.Count > 0 && obj.GetOrAddMap("data") is { } data)
            {
                foreach (var (key, text) in texts)
                {
                    data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.Text() ?? ""));
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var total = 0L;
        foreach (var (key, value) in obj.Map("data") ?? [])
        {
            MetadataRules.Add(errors, $"data[{key}]", key, Naming.ConfigKeyFaults(key));
            total += Base64Size.Of(value.Text());
        }

        if (total > MaxBytes)
        {
            errors.Add(FieldErrors.TooLong("data", MaxBytes));
        }

        CheckType(obj, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        Immutable(obj, old, errors, "type");
        if (old.Flag("immutable") == true)
        {
            const string fault = "field is immutable when `immutable` is set";
            if (obj.Flag("immutable") != true)
            {
                errors.Add(FieldErrors.Forbidden("immutable", fault));
            }

            if (!JsonNode.DeepEquals(obj["data"], old["data"]))
            {
                errors.Add(FieldErrors.Forbidden("data", fault));
            }
        }

        ValidateKind(obj, errors);
    }

    /// <summary>The types that Kubernetes knows want their keys.</summary>
    private static void CheckType(JsonObject secret, ICollection<FieldError> errors)
    {
        var data = secret.Map("data");
        switch (secret.Text("type"))
        {
            case "kubernetes.io/service-account-token" when string.IsNullOrEmpty(secret.Text("metadata", "annotations", "kubernetes.io/service-account.name")):
                errors.Add(FieldErrors.Required("metadata.annotations[kubernetes.io/service-account.name]"));
                break;
            case "kubernetes.io/dockercfg":
                CheckJson(data, ".dockercfg", errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                CheckJson(data, ".dockerconfigjson", errors);
                break;
            case "kubernetes.io/basic-auth" when data?.ContainsKey("username") != true && data?.ContainsKey("password") != true:
                errors.Add(FieldErrors.Required("data[username]"));
                errors.Add(FieldErrors.Required("data[password]"));
                break;
            case "kubernetes.io/ssh-auth":
                CheckKey(data, "ssh-privatekey", errors);
                break;
            case "kubernetes.io/tls":
                CheckKey(data, "tls.crt", errors);
                CheckKey(data, "tls.key", errors);
                break;
        }
    }

    private static bool CheckKey(JsonObject? data, string key, ICollection<FieldError> errors)
    {
        if (data?.ContainsKey(key) == true)
        {
            return true;
        }

        errors.Add(FieldErrors.Required($"data[{key}]"));
        return false;
    }

    private static void CheckJson(JsonObject? data, string key, ICollection<FieldError> errors)
    {
        if (!CheckKey(data, key, errors))
        {
            return;
        }

        try
        {
            JsonNode.Parse(Convert.FromBase64String(data.Text(key) ?? ""));
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            // The contents are secret, and so is where they are wrong.
            errors.Add(FieldErrors.Invalid($"data[{key}]", "<secret contents redacted>", "not valid JSON"));
        }
    }
}
