using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Access.Tokens;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Tells others how to check the tokens of ServiceAccounts for themselves (OpenID Connect discovery).</summary>
internal sealed class IssuerDocuments(AccountTokens tokens)
{
    public const string ConfigurationPath = "/.well-known/openid-configuration";
    public const string KeysPath = "/openid/v1/jwks";
    private const string KeysType = "application/jwk-set+json";

    public DocumentAnswer Configuration(HttpRequest request)
    {
        Representation.CheckType(request, "application/json");
        return Document(request, "application/json", new JsonObject
        {
            ["issuer"] = TokenClaims.Issuer,
            ["jwks_uri"] = $"https://{request.Host}{KeysPath}",
            ["response_types_supported"] = new JsonArray("id_token"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray((string?)tokens.PublicKey["alg"]),
        });
    }

    public DocumentAnswer Keys(HttpRequest request)
    {
        Representation.CheckType(request, KeysType);
        return Document(request, KeysType, new JsonObject { ["keys"] = new JsonArray(tokens.PublicKey) });
    }

    private static DocumentAnswer Document(HttpRequest request, string type, JsonObject json)
    {
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return new(200, type, Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
