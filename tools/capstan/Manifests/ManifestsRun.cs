using Capstan.Yaml;

namespace Capstan.Tool.Manifests;

/// <summary>What <c>capstan manifests</c> was asked.</summary>
internal sealed class ManifestsOptions
{
    /// <summary>The built .dll of the operator.</summary>
    public required string Assembly { get; init; }

    /// <summary>Directory of the files.</summary>
    public required string Output { get; init; }

    /// <summary>Name of the roles; null for the assembly's.</summary>
    public string? Name { get; init; }

    /// <summary>The operator's own namespace; null for the name with <c>-system</c> behind it.</summary>
    public string? Namespace { get; init; }

    /// <summary>Compare instead of writing.</summary>
    public bool Check { get; init; }
}

/// <summary>Writes the manifests that follow from an operator's types, or tells which of the files there differ from them.</summary>
internal static class ManifestsRun
{
    private const string Head = "# Written by \"capstan manifests\" from the C# types; change those, not this.\n";

    /// <summary>Does it, and gives the exit code.</summary>
    /// <exception cref="CannotRunException">The types cannot be described, or a file cannot be written.</exception>
    public static int Run(ManifestsOptions options, TextWriter output, TextWriter error)
    {
        var differ = 0;
        foreach (var (path, text) in Files(options))
        {
            var there = File.Exists(path) ? File.ReadAllText(path) : null;
            if (there == text)
            {
                output.WriteLine($"unchanged {path}");
            }
            else if (options.Check)
            {
                differ++;
                error.WriteLine(there is null ? $"capstan: {path} is missing" : $"capstan: {path} differs from the types, first in line {FirstDifference(there, text)}");
            }
            else
            {
                Write(path, text);
                output.WriteLine($"wrote {path}");
            }
        }

        return differ == 0 ? ExitCodes.Done : ExitCodes.CannotRun;
    }

    private static IEnumerable<(string Path, string Text)> Files(ManifestsOptions options)
    {
        var assembly = OperatorAssembly.Load(options.Assembly);
        var kinds = assembly.Kinds.ToList();
        var rights = assembly.Rights.ToList();
        if (kinds.Count == 0 && rights.Count == 0)
        {
            throw new CannotRunException($"{options.Assembly} declares no kind (a record that derives from KubeObject and implements IKubeObject) and no right ([Rbac])");
        }

        foreach (var (name, content) in new DefinitionOfKinds(new()).Of(kinds))
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            yield return (Path.Combine(options.Output, "crds", $"{name[(dot + 1)..]}_{name[..dot]}.yaml"), Head + YamlWriter.Write(content));
        }

        var operatorName = options.Name ?? Path.GetFileNameWithoutExtension(options.Assembly).ToLowerInvariant();
        var roles = RolesOfRights.Of(rights, operatorName, options.Namespace ?? $"{operatorName}-system").Select(YamlWriter.Write).ToList();
        if (roles.Count > 0)
        {
            yield return (Path.Combine(options.Output, "role.yaml"), Head + string.Join("---\n", roles));
        }
    }

    private static void Write(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"{path}: {e.Message}");
        }
    }

    private static int FirstDifference(string one, string other)
    {
        var (left, right) = (one.Split('\n'), other.Split('\n'));
        var line = 0;
        while (line < left.Length && line < right.Length && left[line] == right[line])
        {
            line++;
        }

        return line + 1;
    }
}
