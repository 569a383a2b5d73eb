using System.Text.Json.Nodes;

namespace Capstan.Cluster;

/// <summary>
/// Lets a program outside of any pod be a ServiceAccount: it has a token in a file, which is renewed long before it ends, as a kubelet does it for
/// a pod. What the program then may do is what RBAC gives that account.
/// </summary>
/// <remarks>Thread-safe. The file is readable by its owner only, and goes with the login.</remarks>
public sealed class ServiceAccountLogin : IAsyncDisposable
{
    // When a kubelet asks for the next token.
    private const double RenewedAfter = 0.8;

    private static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly ObjectKey _account;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-account-");
    private readonly CancellationTokenSource _stop = new();
    private Task _renewal = Task.CompletedTask;
    private int _disposed;

    private ServiceAccountLogin(KubeClient client, ObjectKey account)
    {
        _client = client;
        _account = account;
        Config = new KubeConfig
        {
            Server = client.Config.Server,
            Source = $"ServiceAccount {account}",
            Namespace = account.Namespace,
            CertificateAuthority = client.Config.CertificateAuthority,
            TlsServerName = client.Config.TlsServerName,
            InsecureSkipTlsVerify = client.Config.InsecureSkipTlsVerify,
            ProxyUrl = client.Config.ProxyUrl,
            TokenFile = Path.Combine(_directory.FullName, "token"),
        };
    }

    /// <summary>Where the server is and that the account asks, until the login is disposed.</summary>
    public KubeConfig Config { get; }

    /// <summary>Gets the first token, and keeps it fresh from then on.</summary>
    /// <param name="client">Who may create <c>serviceaccounts/token</c>; not disposed, needed for as long as the login.</param>
    /// <param name="account">Namespace and name of the account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">There is no such account, or the client may not have its tokens.</exception>
    public static async Task<ServiceAccountLogin> StartAsync(KubeClient client, ObjectKey account, CancellationToken cancellationToken = default)
    {
        var login = new ServiceAccountLogin(client, account);
        try
        {
            var wait = await FetchAsync(login, cancellationToken);
            login._renewal = RenewAsync(login, wait);
            return login;
        }
        catch
        {
            await login.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the renewal and deletes the token.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync();
            await _renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            _directory.Delete(recursive: true);
        }
    }

    private static async Task RenewAsync(ServiceAccountLogin login, TimeSpan wait)
    {
        while (true)
        {
            await Task.Delay(wait, login._client.Options.TimeProvider, login._stop.Token);
            try
            {
                wait = await FetchAsync(login, login._stop.Token);
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException or IOException)
            {
                // The old token is good for a while; where it is not, the server says so to whoever uses it.
                wait = RetryAfter;
            }
        }
    }

    /// <returns>How long until the next one is due.</returns>
    private static async Task<TimeSpan> FetchAsync(ServiceAccountLogin login, CancellationToken cancellationToken)
    {
        var request = DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["metadata"] = new JsonObject { ["name"] = login._account.Name, ["namespace"] = login._account.Namespace },
            ["spec"] = new JsonObject { ["expirationSeconds"] = (long)Lifetime.TotalSeconds },
        });
        var answer = (await login._client.CreateAsync(Accounts, request, new WriteOptions { Subresource = "token" }, cancellationToken)).ToJson();
        var path = login.Config.TokenFile!;
        var part = path + ".part";
        await File.WriteAllTextAsync(part, (string?)answer["status"]?["token"] ?? "", cancellationToken);

        // Whole or not at all: readers look at any time.
        File.Move(part, path, overwrite: true);
        var now = login._client.Options.TimeProvider.GetUtcNow();
        var left = KubeTime.TryParse((string?)answer["status"]?["expirationTimestamp"], out var expires) ? (expires - now) * RenewedAfter : RetryAfter;
        return left > RetryAfter ? left : RetryAfter;
    }
}
