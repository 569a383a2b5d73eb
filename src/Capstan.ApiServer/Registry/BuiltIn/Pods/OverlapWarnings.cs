using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What is told of files of one volume that lie in each other's way.</summary>
internal static class OverlapWarnings
{
    private readonly record struct File(string Path, string Source)
    {
        public override string ToString() => Source.Length == 0 ? GoFormat.Quote(Path) : $"{GoFormat.Quote(Path)} ({Source})";

        public bool Meets(File other) => Path.Length > 0 && other.Path.Length > 0
            && (this == other || $"{other.Path}/".StartsWith($"{Path}/", StringComparison.Ordinal) || $"{Path}/".StartsWith($"{other.Path}/", StringComparison.Ordinal));
    }

    /// <summary>Adds the texts.</summary>
    public static void Of(Place volumes, ICollection<string> warnings)
    {
        foreach (var volume in volumes.Items)
        {
            Tell(volume, "configMap", $"ConfigMap {GoFormat.Quote(volume["configMap"]["name"].Text)}", Files(volume["configMap"]["items"], ""), warnings);
            Tell(volume, "secret", $"Secret {GoFormat.Quote(volume["secret"]["secretName"].Text)}", Files(volume["secret"]["items"], ""), warnings);
            Tell(volume, "downwardAPI", "DownwardAPI", Files(volume["downwardAPI"]["items"], ""), warnings);
            foreach (var _ in volume["projected"]["sources"].Items.Where(s => s.Count == 0))
            {
                warnings.Add($"volume {GoFormat.Quote(volume["name"].Text)} (Projected) has no sources provided");
            }

            Tell(volume, "projected", "Projected", volume["projected"]["sources"].Items.SelectMany(FilesOf), warnings);
        }
    }

    private static IEnumerable<File> FilesOf(Place source)
    {
        var (map, secret, downward, token, bundle, certificate) =
            (source["configMap"], source["secret"], source["downwardAPI"], source["serviceAccountToken"], source["clusterTrustBundle"], source["podCertificate"]);
        return map["items"].Exists ? Files(map["items"], $"ConfigMap {GoFormat.Quote(map["name"].Text)}")
            : secret["items"].Exists ? Files(secret["items"], $"Secret {GoFormat.Quote(secret["name"].Text)}")
            : downward["items"].Exists ? Files(downward["items"], "DownwardAPI")
            : token.Exists ? [new(token["path"].Text, "ServiceAccountToken")]
            : bundle.Exists ? [new(bundle["path"].Text, $"ClusterTrustBundle {GoFormat.Quote(bundle["name"].Exists ? bundle["name"].Text : bundle["signerName"].Text)}")]
            : new File[]
            {
                new(certificate["certificateChainPath"].Text, "PodCertificate chain"),
                new(certificate["keyPath"].Text, "PodCertificate key"),
                new(certificate["credentialBundlePath"].Text, "PodCertificate credential bundle"),
            }.Where(f => f.Path.Length > 0);
    }

    private static IEnumerable<File> Files(Place items, string source) => items.Items.Select(i => new File(i["path"].Text, source));

    private static void Tell(Place volume, string kind, string what, IEnumerable<File> files, ICollection<string> warnings)
    {
        if (!volume[kind].Exists)
        {
            return;
        }

        var before = new List<File>();
        foreach (var file in files.Select(f => f with { Path = f.Path.TrimEnd('/') }))
        {
            foreach (var other in before.Where(file.Meets))
            {
                warnings.Add($"volume {GoFormat.Quote(volume["name"].Text)} ({what}): overlapping paths: {file} with {other}");
            }

            before.Add(file);
        }
    }
}
