using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of a volume that is put together of several sources.</summary>
internal static class ProjectionChecks
{
    private const long LeastSeconds = 600;
    private const long MostSeconds = 1L << 32;
    private static readonly string[] Sources = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];
    private static readonly string[] KeyTypes = ["ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"];

    /// <summary>All sources.</summary>
    public static void Check(Place volume)
    {
        LocalPaths.CheckMode(volume["defaultMode"]);
        var paths = new Paths(volume);
        foreach (var source in volume["sources"].Items)
        {
            foreach (var kind in (string[])["secret", "configMap"])
            {
                if (source[kind].Exists)
                {
                    CheckKeys(source[kind], paths);
                }
            }

            foreach (var item in source["downwardAPI"]["items"].Items)
            {
                PodVolumeChecks.CheckDownwardItem(item, source["downwardAPI"]);
                paths.Add(item["path"].Text, item["path"].Text);
            }

            CheckToken(source["serviceAccountToken"], volume);
            CheckBundle(source["clusterTrustBundle"], paths);
            CheckCertificate(source["podCertificate"], paths);
            if (Sources.Count(kind => source[kind].Exists) > 1)
            {
                source.Forbidden("may not specify more than 1 volume type per source");
            }
        }
    }

    private static void CheckKeys(Place source, Paths paths)
    {
        if (!source["name"].HasText)
        {
            source["name"].Required();
        }

        LocalPaths.CheckKeys(source["items"]);
        foreach (var item in source["items"].Items)
        {
            paths.Add(item["path"].Text, source["name"].Text);
        }
    }

    private static void CheckToken(Place token, Place volume)
    {
        if (!token.Exists)
        {
            return;
        }

        var seconds = token["expirationSeconds"];
        if (seconds.Number < LeastSeconds)
        {
            seconds.Invalid(seconds.Number, "may not specify a duration less than 10 minutes");
        }

        if (seconds.Number > MostSeconds)
        {
            seconds.Invalid("may not specify a duration larger than 2^32 seconds");
        }

        var path = token["path"].As($"{volume.Path}.path");
        if (path.HasText)
        {
            LocalPaths.CheckFile(path);
        }
        else
        {
            path.Required();
        }
    }

    private static void CheckBundle(Place bundle, Paths paths)
    {
        if (!bundle.Exists)
        {
            return;
        }

        var (name, signer) = (bundle["name"], bundle["signerName"]);
        if (name.Exists && signer.Exists)
        {
            bundle.Invalid("only one of name and signerName may be used");
        }
        else if (name.Exists)
        {
            if (!name.HasText)
            {
                name.Required("must be a valid object name");
            }

            foreach (var fault in Naming.SubdomainFaults(name.Text.Split(':')[^1]))
            {
                name.Invalid(name.Text, $"not a valid clustertrustbundlename: {fault}");
            }

            if (bundle["labelSelector"].Exists)
            {
                bundle["labelSelector"].Invalid("labelSelector must be unset if name is specified");
            }
        }
        else if (signer.Exists)
        {
            if (!signer.HasText)
            {
                signer.Required("must be a valid signer name");
            }

            bundle["labelSelector"].Selector();
        }
        else
        {
            bundle.Required("either name or signerName must be specified");
        }

        if (!bundle["path"].HasText)
        {
            bundle["path"].Required();
        }

        LocalPaths.CheckFile(bundle["path"]);
        paths.Add(bundle["path"].Text, bundle["path"].Text);
    }

    private static void CheckCertificate(Place certificate, Paths paths)
    {
        if (!certificate.Exists)
        {
            return;
        }

        if (!KeyTypes.Contains(certificate["keyType"].Text))
        {
            certificate["keyType"].OneOf("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519");
        }

        if (certificate["maxExpirationSeconds"] is { Exists: true, Number: < 3600 } seconds)
        {
            seconds.Invalid("if provided, maxExpirationSeconds must be >= 3600");
        }

        var files = ((string[])["credentialBundlePath", "keyPath", "certificateChainPath"]).Select(f => certificate[f]).Where(f => f.HasText).ToList();
        foreach (var file in files)
        {
            LocalPaths.CheckFile(file);
            paths.Add(file.Text, file.Text);
        }

        if (files.Count == 0)
        {
            certificate.Required("specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
        }
    }

    /// <summary>The files of a volume: two sources may not write one of them.</summary>
    private sealed class Paths(Place volume)
    {
        private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

        public void Add(string path, string shown)
        {
            if (path.Length > 0 && !_paths.Add(path))
            {
                volume.Invalid(shown, "conflicting duplicate paths");
            }
        }
    }
}
