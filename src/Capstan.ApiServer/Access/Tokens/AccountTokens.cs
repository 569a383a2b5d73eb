using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Access.Tokens;

/// <summary>Tokens of ServiceAccounts: given out for a time, good for as long as the account and what they are bound to are there. Thread-safe.</summary>
internal sealed class AccountTokens(Store store, ECDsa key, TimeProvider clock)
{
    private const int MostKnown = 4096;
    private static readonly GroupResource Accounts = new("", "serviceaccounts");

    private readonly TokenSigner _signer = new(key);

    // A signature is checked once: that takes longer than the rest of a request.
    private readonly ConcurrentDictionary<string, TokenClaims> _known = new(StringComparer.Ordinal);

    /// <summary>For whom tokens are that name nobody: this server.</summary>
    public static IReadOnlyList<string> DefaultAudiences { get; } = [TokenClaims.Issuer];

    /// <summary>The key that tokens can be checked with, as a JSON web key.</summary>
    public JsonObject PublicKey => _signer.PublicKey;

    public (string Token, DateTimeOffset Expires) Issue(StoredObject account, IReadOnlyList<string> audiences, TimeSpan validity, BoundObject? bound)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = now + (long)validity.TotalSeconds;
        var claims = new TokenClaims(Guid.NewGuid().ToString(), audiences, now, expires, account.Key, account.Uid, bound);
        return (_signer.Sign(claims.ToJson()), DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    /// <summary>Who a token says its bearer is, and for which of the audiences.</summary>
    /// <returns>No user: the token is not good, and why; an empty text: it is not one of ours.</returns>
    public (UserInfo? User, IReadOnlyList<string> Audiences, string Error) Verify(string token, IReadOnlyList<string> audiences)
    {
        if (!_known.TryGetValue(token, out var claims))
        {
            claims = _signer.Read(token) is { } read ? TokenClaims.Of(read) : null;
            if (claims is null)
            {
                return (null, [], "");
            }

            if (_known.Count >= MostKnown)
            {
                _known.Clear();
            }

            _known[token] = claims;
        }

        var common = claims.Audiences.Where(audiences.Contains).ToList();
        return Fault(claims, audiences, common) is { } fault ? (null, [], fault) : (UserOf(claims), common, "");
    }

    private string? Fault(TokenClaims claims, IReadOnlyList<string> audiences, List<string> common)
    {
        if (common.Count == 0)
        {
            return $"token audiences {Quoted(claims.Audiences)} is invalid for the target audiences {Quoted(audiences)}";
        }

        if (clock.GetUtcNow().ToUnixTimeSeconds() >= claims.ExpiresAt)
        {
            return "service account token has expired";
        }

        if (store.Find(Accounts, claims.Account) is not { } account)
        {
            return $"serviceaccounts {GoFormat.Quote(claims.Account.Name)} not found";
        }

        if (account.Uid != claims.AccountUid)
        {
            return $"service account UID ({account.Uid}) does not match claim ({claims.AccountUid})";
        }

        if (claims.Bound is { } bound)
        {
            var key = new ObjectKey(bound.Kind == "Node" ? "" : claims.Account.Namespace, bound.Name);
            if (store.Find(bound.Resource, key)?.Uid != bound.Uid)
            {
                return "service account token has been invalidated";
            }
        }

        return null;
    }

    private static UserInfo UserOf(TokenClaims claims)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.Id}"] };
        if (claims.Bound is { Kind: "Pod" or "Node" } bound)
        {
            extra[$"authentication.kubernetes.io/{bound.Kind.ToLowerInvariant()}-name"] = [bound.Name];
            extra[$"authentication.kubernetes.io/{bound.Kind.ToLowerInvariant()}-uid"] = [bound.Uid];
        }

        var (ns, name) = (claims.Account.Namespace, claims.Account.Name);
        return new(ServiceAccountName.UserName(ns, name), [.. ServiceAccountName.Groups(ns), UserInfo.Authenticated]) { Uid = claims.AccountUid, Extra = extra };
    }

    private static string Quoted(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(GoFormat.Quote))}]";
}
