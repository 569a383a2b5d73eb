namespace Capstan.Tool.Local;

/// <summary>The kubeconfig on disk: readable by its owner alone, replaced in one step, and never one that somebody else wrote.</summary>
internal static class KubeconfigFile
{
    /// <summary>The one context that our file holds.</summary>
    public const string Context = "capstan-local";

    /// <summary>Writes through a file beside it, so that a reader sees the old or the new one and never a half.</summary>
    /// <param name="path">Where; missing directories are made.</param>
    /// <param name="write">Writes the content to the path that it is given.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="CannotRunException">The path cannot be written, or holds a kubeconfig that is not ours.</exception>
    public static string Write(string path, Action<string> write)
    {
        var full = Path.GetFullPath(path);
        var beside = full + ".new";
        try
        {
            RefuseForeign(full);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.Delete(beside);
            using (Create(beside))
            {
                // Made empty with its mode first: the key inside is never readable by others, not even for a moment.
            }

            write(beside);
            File.Move(beside, full, overwrite: true);
            return full;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"cannot write the kubeconfig {full}: {cause.Message}", cause);
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static void RefuseForeign(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CannotRunException($"cannot write the kubeconfig {path}: it is a directory");
        }

        if (File.Exists(path) && new FileInfo(path).Length > 0 && !File.ReadAllText(path).Contains($"current-context: {Context}", StringComparison.Ordinal))
        {
            throw new CannotRunException($"{path} is not a kubeconfig that capstan wrote, and is left as it is: choose another --kubeconfig");
        }
    }
}
