using System.Collections.Concurrent;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Access;

/// <summary>
/// Lets a user act as another: the headers that <c>kubectl --as</c> sends. Kubernetes 1.36 has several ways to be allowed to (KEP 5284): by mode,
/// where the right says what may be done as the other, and by the old verb <c>impersonate</c>, tried last.
/// </summary>
internal sealed class Impersonation(Authorization authorization)
{
    private const string Extra = "Impersonate-Extra-";
    private const int Legacy = 3;

    private static readonly string[] Modes = ["arbitrary-node", "serviceaccount", "user-info", ""];

    // The mode that worked last is tried first, and its refusal is the one that is told.
    private readonly ConcurrentDictionary<string, int> _lastModes = new(StringComparer.Ordinal);

    /// <summary>Whom the request is to be judged as.</summary>
    /// <exception cref="ApiError">403: the user may not act as that one; 400: no user is named.</exception>
    public UserInfo Apply(HttpRequest http, UserInfo user, RequestInfo request)
    {
        if (Wanted(http) is not { } wanted)
        {
            return user;
        }

        ApiError? first = null;
        var last = _lastModes.TryGetValue(user.Name, out var known) ? known : -1;
        foreach (var mode in Enumerable.Range(0, Modes.Length).OrderByDescending(m => m == last))
        {
            if (!Applies(mode, wanted))
            {
                continue;
            }

            try
            {
                var actual = Check(mode, wanted, user, request);
                _lastModes[user.Name] = mode;
                return actual;
            }
            catch (ApiError refusal)
            {
                first ??= refusal;
            }
        }

        throw first!;
    }

    private static UserInfo? Wanted(HttpRequest http)
    {
        var name = http.Headers["Impersonate-User"].ToString();
        var groups = http.Headers["Impersonate-Group"];
        var uid = http.Headers["Impersonate-Uid"].ToString();
        var extra = http.Headers.Where(h => h.Key.StartsWith(Extra, StringComparison.OrdinalIgnoreCase))
            .GroupBy(h => Unescaped(h.Key[Extra.Length..].ToLowerInvariant()), h => h.Value)
            .ToDictionary(h => h.Key, h => (IReadOnlyList<string>)[.. h.SelectMany(values => values.Select(v => v ?? ""))]);
        if (name.Length > 0)
        {
            return new UserInfo(name, [.. groups.Select(g => g ?? "")]) { Uid = uid, Extra = extra };
        }

        return groups.Count == 0 && uid.Length == 0 && extra.Count == 0 ? null : throw ApiError.BadRequest(
            $"requested &user.DefaultInfo{{Name:\"\", UID:{GoFormat.Quote(uid)}, Groups:{Go([.. groups.Select(g => g ?? "")])}, Extra:{Go(extra)}}} without impersonating a user name");
    }

    // A key that is escaped wrongly is meant as it stands.
    private static string Unescaped(string key)
    {
        for (var at = key.IndexOf('%', StringComparison.Ordinal); at >= 0; at = key.IndexOf('%', at + 1))
        {
            if (at + 2 >= key.Length || !char.IsAsciiHexDigit(key[at + 1]) || !char.IsAsciiHexDigit(key[at + 2]))
            {
                return key;
            }
        }

        return Uri.UnescapeDataString(key);
    }

    private static string Go(IReadOnlyList<string> texts) =>
        texts.Count == 0 ? "[]string(nil)" : $"[]string{{{string.Join(", ", texts.Select(GoFormat.Quote))}}}";

    private static string Go(Dictionary<string, IReadOnlyList<string>> extra) => extra.Count == 0 ? "map[string][]string(nil)"
        : $"map[string][]string{{{string.Join(", ", extra.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{GoFormat.Quote(e.Key)}:{Go(e.Value)}"))}}}";

    private static bool Applies(int mode, UserInfo wanted)
    {
        var bare = wanted is { Uid: "", Groups.Count: 0, Extra.Count: 0 };
        var isAccount = ServiceAccountName.TryParse(wanted.Name, out _);
        var isNode = NodeOf(wanted.Name) is not null;
        return Modes[mode] switch
        {
            "arbitrary-node" => bare && isNode,
            "serviceaccount" => bare && isAccount,
            "user-info" => !isNode && !isAccount,
            _ => true,
        };
    }

    private UserInfo Check(int mode, UserInfo wanted, UserInfo user, RequestInfo request)
    {
        var legacy = mode == Legacy;
        var verb = legacy ? "impersonate" : $"impersonate:{Modes[mode]}";
        if (!legacy)
        {
            var question = AccessQuestion.Of(user, request);
            authorization.Check(question with { Verb = $"impersonate-on:{Modes[mode]}:{question.Verb}" });
        }

        var group = legacy ? "" : "authentication.k8s.io";
        var groups = wanted.Groups;
        var who = new AccessQuestion(user, verb) { Group = group, Resource = "users", Name = wanted.Name };
        if (ServiceAccountName.TryParse(wanted.Name, out var account))
        {
            who = who with { Resource = "serviceaccounts", Namespace = account.Namespace, Name = account.Name };
            groups = groups.Count == 0 ? ServiceAccountName.Groups(account.Namespace) : groups;
        }
        else if (!legacy && NodeOf(wanted.Name) is { } node)
        {
            who = who with { Resource = "nodes", Name = node };
            groups = ["system:nodes"];
        }

        authorization.Check(who);
        if (wanted.Uid.Length > 0)
        {
            authorization.Check(new AccessQuestion(user, verb) { Group = "authentication.k8s.io", Resource = "uids", Name = wanted.Uid });
        }

        foreach (var one in wanted.Groups)
        {
            var question = new AccessQuestion(user, verb) { Group = group, Resource = "groups", Name = one };
            if (!legacy && (one.Length == 0 || one == UserInfo.Masters))
            {
                var what = one.Length == 0 ? "the empty string group" : $"the {UserInfo.Masters} group";
                throw ApiError.Forbidden(new GroupResource(group, "groups"), one, $"impersonating {what} is not allowed");
            }

            authorization.Check(question);
        }

        foreach (var (key, values) in wanted.Extra)
        {
            foreach (var value in values)
            {
                authorization.Check(new AccessQuestion(user, verb) { Group = "authentication.k8s.io", Resource = "userextras", Subresource = key, Name = value });
            }
        }

        var everybody = wanted.Name == UserInfo.Anonymous.Name ? UserInfo.Unauthenticated
            : groups.Contains(UserInfo.Unauthenticated) ? null : UserInfo.Authenticated;
        return wanted with { Groups = everybody is null || groups.Contains(everybody) ? groups : [.. groups, everybody] };
    }

    private static string? NodeOf(string user)
    {
        const string prefix = "system:node:";
        return user.StartsWith(prefix, StringComparison.Ordinal) && Naming.DnsSubdomain(user[prefix.Length..], false).Count == 0 ? user[prefix.Length..] : null;
    }
}
