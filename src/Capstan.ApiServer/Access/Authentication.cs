using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.ApiServer.Access.Tokens;
using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Access;

/// <summary>Finds out who asks: by client certificate, by the token of a ServiceAccount, else nobody. Wrong credentials are worse than none.</summary>
internal sealed class Authentication(Certificates certificates, AccountTokens tokens)
{
    // A connection keeps its certificate object, so its chain is built once.
    private readonly ConditionalWeakTable<X509Certificate2, UserInfo?> _known = [];

    /// <exception cref="ApiError">401: there are credentials, and they are not good.</exception>
    /// <param name="http">The request.</param>
    /// <param name="warnings">Takes what a person should know of his credentials.</param>
    public UserInfo Authenticate(HttpContext http, ICollection<string> warnings)
    {
        if (http.Connection.ClientCertificate is { } certificate)
        {
            return _known.GetValue(certificate, Read) ?? throw ApiError.Unauthorized();
        }

        // Other schemes than this count as none.
        var parts = http.Request.Headers.Authorization.ToString().Trim().Split(' ', 3);
        if (parts.Length < 2 || !parts[0].Equals("bearer", StringComparison.OrdinalIgnoreCase))
        {
            return UserInfo.Anonymous;
        }

        if (parts[1].Length == 0)
        {
            warnings.Add("the provided Authorization header contains extra space before the bearer token, and is ignored");
            return UserInfo.Anonymous;
        }

        return tokens.Verify(parts[1], AccountTokens.DefaultAudiences).User ?? throw ApiError.Unauthorized();
    }

    private UserInfo? Read(X509Certificate2 certificate)
    {
        if (!certificates.IsClient(certificate))
        {
            return null;
        }

        string? name = null;
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements)
            {
                continue;
            }

            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue();
                    break;
                case "2.5.4.10" when part.GetSingleElementValue() is { } group:
                    groups.Add(group);
                    break;
            }
        }

        return string.IsNullOrEmpty(name) ? null : new UserInfo(name, [.. groups, UserInfo.Authenticated])
        {
            Extra = new Dictionary<string, IReadOnlyList<string>>
            {
                ["authentication.kubernetes.io/credential-id"] = [$"X509SHA256={Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}"],
            },
        };
    }
}
