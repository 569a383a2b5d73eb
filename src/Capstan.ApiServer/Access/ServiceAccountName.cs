using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Access;

/// <summary>User names and groups of ServiceAccounts.</summary>
internal static class ServiceAccountName
{
    private const string Prefix = "system:serviceaccount:";

    public static string UserName(string ns, string name) => $"{Prefix}{ns}:{name}";

    public static IReadOnlyList<string> Groups(string ns) => ["system:serviceaccounts", $"system:serviceaccounts:{ns}"];

    /// <summary>Takes a user name apart; false: it is not one of a ServiceAccount.</summary>
    public static bool TryParse(string user, out ObjectKey account)
    {
        account = default;
        if (!user.StartsWith(Prefix, StringComparison.Ordinal) || user.Split(':') is not [_, _, var ns, var name]
            || Naming.DnsLabel(ns, false).Count > 0 || Naming.DnsSubdomain(name, false).Count > 0)
        {
            return false;
        }

        account = new ObjectKey(ns, name);
        return true;
    }
}
