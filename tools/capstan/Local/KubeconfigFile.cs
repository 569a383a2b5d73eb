using Capstan.ApiServer;

namespace Capstan.Tool.Local;

/// <summary>The kubeconfig on disk: one that we wrote is replaced, one that somebody else wrote is left alone.</summary>
internal static class KubeconfigFile
{
    /// <summary>The one context that our file holds.</summary>
    public const string Context = "capstan-local";

    /// <summary>Refuses a path that must not be written, before anything is started.</summary>
    /// <returns>The full path.</returns>
    /// <exception cref="CannotRunException">It is a directory, or holds a kubeconfig that is not ours.</exception>
    public static string Check(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            if (Directory.Exists(full))
            {
                throw new CannotRunException($"cannot write the kubeconfig {full}: it is a directory");
            }

            if (File.Exists(full) && new FileInfo(full).Length > 0 && !File.ReadAllText(full).Contains($"current-context: {Context}\n", StringComparison.Ordinal))
            {
                throw new CannotRunException($"{full} is not a kubeconfig that capstan wrote, and is left as it is: choose another --kubeconfig");
            }

            return full;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unwritable(path, cause);
        }
    }

    /// <summary>Writes the file, readable by its owner alone.</summary>
    /// <exception cref="CannotRunException">It cannot be written.</exception>
    public static void Write(string path, EmbeddedApiServer server)
    {
        try
        {
            server.WriteKubeconfig(path, Context);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, cause);
        }
    }

    private static CannotRunException Unwritable(string path, Exception cause) => new($"cannot write the kubeconfig {path}: {cause.Message}", cause);
}
