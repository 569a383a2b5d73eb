using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
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
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (obj.Text("type") == "kubernetes.io/tls" && CertificatePair.FaultOf(Bytes(obj, "tls.crt"), Bytes(obj, "tls.key")) is { } fault)
        {
            warnings.Add(fault);
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

    private static byte[] Bytes(JsonObject secret, string key)
    {
        try
        {
            return Convert.FromBase64String(secret.Text("data", key) ?? "");
        }
        catch (FormatException)
        {
            return [];
        }
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
                CheckJson(secret, ".dockercfg", errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                CheckJson(secret, ".dockerconfigjson", errors);
                break;
            case "kubernetes.io/basic-auth" when data?.ContainsKey("username") != true && data?.ContainsKey("password") != true:
                errors.Add(FieldErrors.Required("data[username]"));
                errors.Add(FieldErrors.Required("data[password]"));
                break;
            case "kubernetes.io/ssh-auth" when string.IsNullOrEmpty(data.Text("ssh-privatekey")):
                errors.Add(FieldErrors.Required("data[ssh-privatekey]"));
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

    private static void CheckJson(JsonObject secret, string key, ICollection<FieldError> errors)
    {
        if (!CheckKey(secret.Map("data"), key, errors))
        {
            return;
        }

        // The contents are secret.
        string? fault = null;
        try
        {
            var json = JsonDecoder.Decode(Bytes(secret, key));
            fault = json is null or JsonObject ? null : $"json: cannot unmarshal {GoTypes.NameOf(json)} into Go value of type map[string]interface {{}}";
        }
        catch (FormatException e)
        {
            fault = e.Message;
        }

        if (fault is not null)
        {
            errors.Add(FieldErrors.Invalid($"data[{key}]", "<secret contents redacted>", fault));
        }
    }
}
