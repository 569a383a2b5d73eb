using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Access.Tokens;

/// <summary>Signs and checks JSON web tokens (RFC 7519) with ES256 and a key of its own. Thread-safe.</summary>
internal sealed class TokenSigner
{
    // Longer texts are no token of ours; nobody shall make us decode them.
    private const int LongestToken = 16 << 10;

    private readonly ECDsa _key;
    private readonly Lock _gate = new();
    private readonly string _header;
    private readonly string _id;

    /// <param name="key">Over P-256; stays the caller's.</param>
    public TokenSigner(ECDsa key)
    {
        _key = key;
        _id = Base64Url.EncodeToString(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        _header = Encode(new JsonObject { ["alg"] = "ES256", ["kid"] = _id });
    }

    /// <summary>The public key as a JSON web key (RFC 7517).</summary>
    public JsonObject PublicKey
    {
        get
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            return new()
            {
                ["use"] = "sig",
                ["kty"] = "EC",
                ["kid"] = _id,
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        }
    }

    public string Sign(JsonObject claims)
    {
        var text = $"{_header}.{Encode(claims)}";
        lock (_gate)
        {
            return $"{text}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>The claims of a token that this key signed; null of any other text.</summary>
    public JsonObject? Read(string token)
    {
        var parts = token.Length > LongestToken ? [] : token.Split('.');
        if (parts.Length != 3 || parts[0] != _header || !Base64Url.IsValid(parts[1]) || !Base64Url.IsValid(parts[2]))
        {
            return null;
        }

        lock (_gate)
        {
            if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256))
            {
                return null;
            }
        }

        return JsonNode.Parse(Base64Url.DecodeFromChars(parts[1])) as JsonObject;
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
