namespace Capstan;

/// <summary>A certificate and its key in two PEM files of a directory, as a Secret of type <c>kubernetes.io/tls</c> is mounted. New files are taken
/// up while the operator runs.</summary>
public sealed record CertificateFileOptions
{
    /// <summary>The directory.</summary>
    public required string Directory { get; init; }

    /// <summary>File of the certificate and of those that lead to its authority. Default <c>tls.crt</c>.</summary>
    public string CertificateFile { get; init; } = "tls.crt";

    /// <summary>File of the key. Default <c>tls.key</c>.</summary>
    public string KeyFile { get; init; } = "tls.key";
}
