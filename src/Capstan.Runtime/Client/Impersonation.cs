using System.Net.Http.Headers;

namespace Capstan.Client;

/// <summary>Headers with which a request acts as another user.</summary>
internal static class Impersonation
{
    public static void Add(KubeConfig config, HttpRequestHeaders headers)
    {
        if (config.ImpersonateUser is { Length: > 0 } user)
        {
            headers.TryAddWithoutValidation("Impersonate-User", user);
        }

        if (config.ImpersonateUid is { Length: > 0 } uid)
        {
            headers.TryAddWithoutValidation("Impersonate-Uid", uid);
        }

        foreach (var group in config.ImpersonateGroups)
        {
            headers.TryAddWithoutValidation("Impersonate-Group", group);
        }

        foreach (var (key, values) in config.ImpersonateExtra)
        {
            headers.TryAddWithoutValidation($"Impersonate-Extra-{Uri.EscapeDataString(key)}", values);
        }
    }
}
