using System.Security.Cryptography.X509Certificates;

namespace Capstan.Client;

/// <summary>Whom TLS trusts and what it shows, as of one moment. A connection keeps what it was made with.</summary>
/// <param name="Authority">PEM text of the authorities; null trusts those of the system.</param>
/// <param name="CertificatePem">Certificate to show, as text.</param>
/// <param name="KeyPem">Its key.</param>
/// <param name="Certificate">Certificate to show that a program gave; goes before the text.</param>
internal sealed record TlsIdentity(string? Authority, string? CertificatePem, string? KeyPem, X509Certificate2? Certificate);

/// <summary>Keeps up with the files that the identity was read from.</summary>
internal sealed class TlsFiles
{
    private readonly KubeConfig _config;
    private readonly FreshFile? _authority, _certificate, _key;

    public TlsFiles(KubeConfig config, TimeProvider time)
    {
        _config = config;
        _authority = config.CertificateAuthorityFile is { } authority ? new(authority, time) : null;
        if (config is { ClientCertificateFile: { } certificate, ClientKeyFile: { } key })
        {
            (_certificate, _key) = (new(certificate, time), new(key, time));
        }
    }

    /// <summary>What the configuration began with.</summary>
    public TlsIdentity First => new(_config.CertificateAuthority, _config.ClientCertificate, _config.ClientKey, null);

    /// <summary>What <paramref name="current"/> has become; itself if nothing changed, as nearly always.</summary>
    public async ValueTask<TlsIdentity> RefreshAsync(TlsIdentity current, X509Certificate2? given, CancellationToken cancellationToken)
    {
        var authority = await ReadAsync(_authority, current.Authority, cancellationToken);
        var certificate = await ReadAsync(_certificate, current.CertificatePem, cancellationToken);
        var key = await ReadAsync(_key, current.KeyPem, cancellationToken);
        return ReferenceEquals(given, current.Certificate) && Same(authority, current.Authority) && Same(certificate, current.CertificatePem) && Same(key, current.KeyPem)
            ? current
            : new(authority, certificate, key, given);
    }

    private static async ValueTask<string?> ReadAsync(FreshFile? file, string? current, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return current;
        }

        try
        {
            return await file.ReadAsync(cancellationToken);
        }
        catch (IOException)
        {
            return current;
        }
    }

    /// <summary>White space at the ends is not a change: files are read without it.</summary>
    private static bool Same(string? left, string? right) => ReferenceEquals(left, right) || left.AsSpan().Trim().SequenceEqual(right.AsSpan().Trim());
}
