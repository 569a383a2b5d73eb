using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.Client;

/// <summary>Shows who asks, on each request.</summary>
internal abstract class Credentials : IDisposable
{
    /// <summary>Whether <see cref="Certificate"/> may come to have a value.</summary>
    public virtual bool MayHaveCertificate => false;

    /// <summary>Certificate for new connections.</summary>
    public virtual X509Certificate2? Certificate => null;

    public static Credentials Of(KubeConfig config, TimeProvider time) => config switch
    {
        { Exec: { } plugin } => new ExecCredentials(plugin, config, time),
        { TokenFile: { } file } => new TokenFileCredentials(file, config, time),
        { Token: { Length: > 0 } token } => new FixedCredentials(new("Bearer", token)),
        { Username: { Length: > 0 } user } => new FixedCredentials(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{config.Password}")))),
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
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    public override async ValueTask AuthenticateAsync(HttpRequestHeaders headers, CancellationToken cancellationToken)
    {
        var last = _last;
        if (last is null || time.GetElapsedTime(last.At) >= Lifetime)
        {
            last = _last = await ReadAsync(last, cancellationToken);
        }

        headers.Authorization = last.Header;
    }

    public override bool Forget(AuthenticationHeaderValue? refused)
    {
        // Another request may have read the next token already.
        if (_last is { } last && Equals(last.Header, refused))
        {
            _last = null;
        }

        return true;
    }

    private async Task<Reading> ReadAsync(Reading? last, CancellationToken cancellationToken)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            if (token.Length > 0)
            {
                return new(new("Bearer", token), time.GetTimestamp());
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (last is null)
            {
                throw new KubeConfigException($"{config.Source}: tokenFile: {error.Message}", error);
            }
        }

        // Being replaced right now: the old token is good for a while.
        return last ?? throw new KubeConfigException($"{config.Source}: tokenFile: {file} is empty");
    }

    private sealed record Reading(AuthenticationHeaderValue Header, long At);
}
