using System.Globalization;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Images;

/// <summary>The image <c>postgres</c>: the PostgreSQL of this machine, by the contract of the official image's entrypoint.</summary>
internal static class PostgresImage
{
    public const string Data = "/var/lib/postgresql/data";

    private const string Installed = "/usr/lib/postgresql";
    private const string Resource = "Capstan.Cluster.Node.Images.postgres-entrypoint.sh";

    private static readonly KnownImage Image = new()
    {
        Image = "postgres",
        Command = ["postgres"],
        Env = new Dictionary<string, string> { ["PGDATA"] = Data, ["PGHOST"] = "${SOCKET_DIR}", ["LANG"] = "C.UTF-8", ["CAPSTAN_INITDB"] = "/docker-entrypoint-initdb.d" },
        Directories = [Data, "/var/run/postgresql", "/docker-entrypoint-initdb.d"],
        StopSignal = "SIGINT",

        // Its entrypoint steps down.
        IsRoot = true,

        // In the image on Debian, and in that on Alpine.
        UserIds = [999, 70],
    };

    /// <summary>Null if it is another image.</summary>
    /// <param name="image">Of a container.</param>
    /// <param name="entrypoints">Where the script is put.</param>
    public static KnownImage? Find(string image, string entrypoints)
    {
        if (!Image.Matches(image))
        {
            return null;
        }

        var wanted = MajorOf(ImageName.Split(image).Tag);
        var installed = Majors();
        if (installed.Count == 0)
        {
            return Image with { Missing = $"PostgreSQL is not installed on this machine (apt-get install {(wanted is { } major ? $"postgresql-{major} or postgresql" : "postgresql")})" };
        }

        var user = Environment.IsPrivilegedProcess ? UserAccount.Find("postgres") : null;
        if (Environment.IsPrivilegedProcess && user is null)
        {
            return Image with { Missing = "PostgreSQL does not run as root, and there is no user postgres on this machine (apt-get install postgresql)" };
        }

        var chosen = wanted is { } exact && installed.Contains(exact) ? exact : installed.Max();
        return Image with
        {
            Entrypoint = ["/bin/sh", WriteEntrypoint(entrypoints)],
            Path = [$"{Installed}/{chosen.ToString(CultureInfo.InvariantCulture)}/bin"],
            User = user?.Name,
            Warning = wanted is null || wanted == chosen ? null : $"image {image} runs PostgreSQL {chosen}, which is what is installed on this machine (apt-get install postgresql-{wanted})",
        };
    }

    /// <summary>Versions whose server is here.</summary>
    public static IReadOnlyList<int> Majors() => !Directory.Exists(Installed) ? []
        : [.. Directory.EnumerateDirectories(Installed).Where(path => File.Exists(Path.Combine(path, "bin", "postgres")))
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0).Where(major => major > 0)];

    private static int? MajorOf(string? tag)
    {
        var digits = new string([.. (tag ?? "").TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    private static string WriteEntrypoint(string directory)
    {
        var path = Path.Combine(directory, "postgres.sh");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(directory);
            using var script = typeof(PostgresImage).Assembly.GetManifestResourceStream(Resource)!;
            var part = $"{path}.{Guid.NewGuid():N}";
            using (var file = File.Create(part))
            {
                script.CopyTo(file);
            }

            Permissions.Set(part, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            File.Move(part, path, overwrite: true);
        }

        return path;
    }
}
