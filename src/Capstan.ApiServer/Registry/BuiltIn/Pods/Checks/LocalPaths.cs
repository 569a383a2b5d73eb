using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Paths that lead down from where they begin, and modes of files.</summary>
internal static class LocalPaths
{
    /// <summary>No step leads up.</summary>
    public static bool HasBackstep(string path) => path.Split('/').Contains("..");

    /// <summary>No step may lead up.</summary>
    public static void CheckNoBacksteps(Place path)
    {
        if (HasBackstep(path.Text))
        {
            path.Invalid(path.Text, "must not contain '..'");
        }
    }

    /// <summary>The path must be relative and lead down.</summary>
    public static void CheckDescending(Place path)
    {
        if (path.Text.StartsWith('/'))
        {
            path.Invalid(path.Text, "must be a relative path");
        }

        CheckNoBacksteps(path);
    }

    /// <summary>The path must be relative, lead down, and not begin like the files that a volume is written with.</summary>
    public static void CheckFile(Place path)
    {
        CheckDescending(path);
        if (path.Text.StartsWith("..", StringComparison.Ordinal) && !path.Text.StartsWith("../", StringComparison.Ordinal))
        {
            path.Invalid(path.Text, "must not start with '..'");
        }
    }

    /// <summary>A mode that stands there must have the nine bits of a mode only.</summary>
    public static void CheckMode(Place mode)
    {
        if (mode.Number is < 0 or > 511)
        {
            mode.Invalid("must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    /// <summary>The files that keys of a ConfigMap or Secret become.</summary>
    public static void CheckKeys(Place items)
    {
        foreach (var item in items.Items)
        {
            if (!item["key"].HasText)
            {
                item["key"].Required();
            }

            if (!item["path"].HasText)
            {
                item["path"].Required();
            }

            CheckFile(item["path"]);
            CheckMode(item["mode"]);
        }
    }
}
