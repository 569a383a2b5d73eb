using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.ApiServer.Storage.Durable;

namespace Capstan.ApiServer.Access;

/// <summary>The keys that certificates and tokens are signed with: from the data directory, so that what was signed stays valid, or new.</summary>
internal static class KeyFiles
{
    private const string AuthorityFile = "ca.pem";
    private const string FrontProxyFile = "front-proxy-ca.pem";
    private const string TokenFile = "service-account.key";

    /// <summary>The certificate authority with its key; the caller owns it.</summary>
    /// <exception cref="DataDirectoryException">The file cannot be read, or the directory not be written.</exception>
    public static X509Certificate2 Authority(DataDirectory? directory, TimeProvider clock) => Authority(directory, AuthorityFile, "capstan-ca", clock);

    /// <summary>The authority that other servers, to which this one hands requests on, know it by; the caller owns it.</summary>
    /// <exception cref="DataDirectoryException">The file cannot be read, or the directory not be written.</exception>
    public static X509Certificate2 FrontProxyAuthority(DataDirectory? directory, TimeProvider clock) => Authority(directory, FrontProxyFile, "front-proxy-ca", clock);

    private static X509Certificate2 Authority(DataDirectory? directory, string file, string name, TimeProvider clock) => Load(
        directory,
        file,
        pem => X509Certificate2.CreateFromPem(pem, pem),
        () => Certificates.NewAuthority(name, clock),
        authority => $"{authority.ExportCertificatePem()}\n{authority.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");

    /// <summary>The key of ServiceAccount tokens; the caller owns it.</summary>
    /// <exception cref="DataDirectoryException">The file cannot be read, or the directory not be written.</exception>
    public static ECDsa Tokens(DataDirectory? directory) => Load(
        directory,
        TokenFile,
        pem =>
        {
            var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key;
        },
        () => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        key => key.ExportPkcs8PrivateKeyPem() + "\n");

    private static T Load<T>(DataDirectory? directory, string name, Func<string, T> read, Func<T> make, Func<T, string> write)
    {
        if (directory is null)
        {
            return make();
        }

        var file = directory.PathOf(name);
        try
        {
            if (File.Exists(file))
            {
                return read(File.ReadAllText(file));
            }

            var made = make();
            directory.Create(file, stream => stream.Write(Encoding.ASCII.GetBytes(write(made))));
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new DataDirectoryException($"{file} cannot be used: {e.Message}", e);
        }
    }
}
