using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.Client;

/// <summary>Shows who asks, on each request.</summary>
internal abstract class Credentials : IDisposable
{
    /// <summary>Certificate to show on new connections, as far as these credentials bring one.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>As in client-go the program is asked last: not if there is a token, a user with password, or a certificate.</summary>
    public static Credentials Of(KubeConfig config, TimeProvider time) => config switch
    {
        { TokenFile: { } file } => new TokenFileCredentials(file, config, time),
        { Token: { Length: > 0 } token } => new FixedCredentials(new("Bearer", token)),
        { Username: { Length: > 0 } user } => new FixedCredentials(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{config.Password}")))),
        { Exec: { } plugin, ClientCertificate: null } => new ExecCredentials(plugin, config, time),
        _ => new FixedCredentials(null),
    };

    public abstract ValueTask AuthenticateAsync(HttpRequestHeaders headers, CancellationToken cancellationToken);

    /// <summary>The server refused <paramref name="refused"/>: tells whether others may be had, which the next request then gets.</summary>
    public virtual bool Forget(AuthenticationHeaderValue? refused) => false;

    public virtual void Dispose()
    {
    }
}

/// <summary>A header that never changes, or none: then the client certificate speaks.</summary>
internal sealed class FixedCredentials(AuthenticationHeaderValue? header) : Credentials
{
    public override ValueTask AuthenticateAsync(HttpRequestHeaders headers, CancellationToken cancellationToken)
    {
        headers.Authorization = header;
        return ValueTask.CompletedTask;
    }
}

/// <summary>A token in a file that the kubelet replaces before the token ends.</summary>
internal sealed class TokenFileCredentials(string file, KubeConfig config, TimeProvider time) : Credentials
{
    private readonly FreshFile _file = new(file, time);
    private volatile AuthenticationHeaderValue? _header;

    public override async ValueTask AuthenticateAsync(HttpRequestHeaders headers, CancellationToken cancellationToken)
    {
        string token;
        try
        {
            token = await _file.ReadAsync(cancellationToken);
        }
        catch (IOException error)
        {
            // The configuration may bring a token for until there is a file.
            token = config.Token is { Length: > 0 } given ? given : throw new KubeConfigException($"{config.Source}: tokenFile: {error.Message}", error);
        }

        var header = _header;
        if (header?.Parameter != token)
        {
            _header = header = new("Bearer", token);
        }

        headers.Authorization = header;
    }

    public override bool Forget(AuthenticationHeaderValue? refused)
    {
        if (refused?.Parameter is { } token)
        {
            _file.Refuse(token);
        }

        return true;
    }
}
