using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Access.Tokens;

/// <summary>What a ServiceAccount token says. Times are seconds since 1970. Immutable.</summary>
internal sealed record TokenClaims(
    string Id, IReadOnlyList<string> Audiences, long IssuedAt, long ExpiresAt, ObjectKey Account, string AccountUid, BoundObject? Bound)
{
    public const string Issuer = "https://kubernetes.default.svc";

    public JsonObject ToJson()
    {
        var kubernetes = new JsonObject { ["namespace"] = Account.Namespace };
        if (Bound is not null)
        {
            kubernetes[Bound.Kind.ToLowerInvariant()] = Reference(Bound.Name, Bound.Uid);
        }

        kubernetes["serviceaccount"] = Reference(Account.Name, AccountUid);
        return new JsonObject
        {
            ["aud"] = new JsonArray([.. Audiences.Select(a => (JsonNode)a)]),
            ["exp"] = ExpiresAt,
            ["iat"] = IssuedAt,
            ["iss"] = Issuer,
            ["jti"] = Id,
            ["kubernetes.io"] = kubernetes,
            ["nbf"] = IssuedAt,
            ["sub"] = ServiceAccountName.UserName(Account.Namespace, Account.Name),
        };
    }

    /// <summary>Reads claims that this server signed; null: they are of another issuer or of another shape.</summary>
    public static TokenClaims? Of(JsonObject claims)
    {
        var kubernetes = claims.Map("kubernetes.io");
        if (claims.Text("iss") != Issuer || kubernetes.Text("namespace") is not { } ns || kubernetes.Text("serviceaccount", "name") is not { } name
            || kubernetes.Text("serviceaccount", "uid") is not { } uid || claims.Number("exp") is not { } expires)
        {
            return null;
        }

        var bound = BoundObject.Kinds.Where(k => kubernetes.Map(k.ToLowerInvariant()) is not null)
            .Select(k => new BoundObject(k, kubernetes.Text(k.ToLowerInvariant(), "name") ?? "", kubernetes.Text(k.ToLowerInvariant(), "uid") ?? "")).FirstOrDefault();
        return new(claims.Text("jti") ?? "", [.. claims.Items("aud").Select(a => a.Text() ?? "")], claims.Number("iat") ?? 0, expires, new ObjectKey(ns, name), uid, bound);
    }

    private static JsonObject Reference(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };
}

/// <summary>The object that a token lives with.</summary>
/// <param name="Kind"><c>Pod</c>, <c>Secret</c> or <c>Node</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
internal sealed record BoundObject(string Kind, string Name, string Uid)
{
    public static readonly IReadOnlyList<string> Kinds = ["Pod", "Secret", "Node"];

    public GroupResource Resource => new("", Kind.ToLowerInvariant() + "s");
}
