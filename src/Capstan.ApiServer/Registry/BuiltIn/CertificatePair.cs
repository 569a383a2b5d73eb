using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Says in the words of Go's tls package why a certificate and a key, both in PEM, do not make a pair.</summary>
internal static class CertificatePair
{
    private const string Certificate = "CERTIFICATE";
    private const string Key = "PRIVATE KEY";

    /// <summary>What is wrong; null when they are a pair.</summary>
    public static string? FaultOf(byte[] certificate, byte[] key)
    {
        var (certificates, keys) = (Blocks(certificate), Blocks(key));
        if (!certificates.Any(b => b.Label == Certificate))
        {
            return certificates.Count == 0 ? "tls: failed to find any PEM data in certificate input"
                : certificates is [var only] && only.Label.EndsWith(Key, StringComparison.Ordinal)
                    ? "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
                : $"tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: {Listed(certificates)}";
        }

        if (!keys.Any(IsKey))
        {
            return keys.Count == 0 ? "tls: failed to find any PEM data in key input"
                : keys is [{ Label: Certificate }] ? "tls: found a certificate rather than a key in the PEM for the private key"
                : $"tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: {Listed(keys)}";
        }

        return PairFault(certificates.First(b => b.Label == Certificate).Bytes, keys.First(IsKey).Bytes);
    }

    private static string? PairFault(byte[] certificate, byte[] key)
    {
        X509Certificate2 parsed;
        try
        {
            parsed = X509CertificateLoader.LoadCertificate(certificate);
        }
        catch (CryptographicException)
        {
            return "x509: malformed certificate";
        }

        using (parsed)
        using (var privateKey = KeyOf(key))
        {
            using var publicKey = (AsymmetricAlgorithm?)parsed.GetRSAPublicKey() ?? parsed.GetECDsaPublicKey();
            return privateKey is null ? "tls: failed to parse private key"
                : publicKey is null ? "tls: unknown public key algorithm"
                : privateKey is RSA != publicKey is RSA ? "tls: private key type does not match public key type"
                : privateKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey.ExportSubjectPublicKeyInfo()) ? null
                : "tls: private key does not match public key";
        }
    }

    private static AsymmetricAlgorithm? KeyOf(byte[] key) =>
        Imported(RSA.Create(), a => a.ImportRSAPrivateKey(key, out _)) ?? Imported(RSA.Create(), a => a.ImportPkcs8PrivateKey(key, out _))
        ?? (AsymmetricAlgorithm?)Imported(ECDsa.Create(), a => a.ImportPkcs8PrivateKey(key, out _)) ?? Imported(ECDsa.Create(), a => a.ImportECPrivateKey(key, out _));

    private static T? Imported<T>(T algorithm, Action<T> import)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(algorithm);
            return algorithm;
        }
        catch (CryptographicException)
        {
            algorithm.Dispose();
            return null;
        }
    }

    private static bool IsKey((string Label, byte[] Bytes) block) => block.Label == Key || block.Label.EndsWith(" " + Key, StringComparison.Ordinal);

    private static string Listed(List<(string Label, byte[] Bytes)> blocks) => $"[{string.Join(' ', blocks.Select(b => b.Label))}]";

    private static List<(string Label, byte[] Bytes)> Blocks(byte[] input)
    {
        List<(string, byte[])> blocks = [];
        var rest = Encoding.Latin1.GetString(input).AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            blocks.Add((rest[found.Label].ToString(), Convert.FromBase64String(rest[found.Base64Data].ToString())));
            rest = rest[found.Location.End..];
        }

        return blocks;
    }
}
