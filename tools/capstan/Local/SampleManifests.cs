using Capstan.Cluster.Manifests;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Local;

/// <summary>What <c>--samples</c> applies: the samples inside the tool, or a person's own files.</summary>
internal static class SampleManifests
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>Reads all, in the order of file names; nothing when no samples are wanted.</summary>
    /// <exception cref="CannotRunException">A file cannot be read or does not parse; the message names file and line.</exception>
    public static IReadOnlyList<DynamicObject> Read(LocalOptions options)
    {
        if (!options.Samples)
        {
            return [];
        }

        try
        {
            return [.. (options.SamplesPath is { } path ? OwnFiles(path) : Embedded(options.Operators)).SelectMany(file => ManifestReader.Read(file.Text, file.Source))];
        }
        catch (Exception cause) when (cause is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException(cause.Message, cause);
        }
    }

    private static IEnumerable<(string Source, string Text)> OwnFiles(string path)
    {
        if (File.Exists(path))
        {
            return [(path, File.ReadAllText(path))];
        }

        if (!Directory.Exists(path))
        {
            throw new CannotRunException($"{path}: no such file or directory");
        }

        var files = Directory.EnumerateFiles(path)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count > 0
            ? files.Select(file => (file, File.ReadAllText(file)))
            : throw new CannotRunException($"{path}: no manifests ({string.Join(", ", Extensions)}) in this directory");
    }

    // Where no operator runs, somebody runs one by himself.
    private static IEnumerable<(string Source, string Text)> Embedded(IReadOnlyList<LocalOperator> operators)
    {
        var assembly = typeof(SampleManifests).Assembly;
        foreach (var known in operators.Count == 0 ? LocalOperator.All : operators)
        {
            foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith($"samples/{known.Name}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                yield return (name, reader.ReadToEnd());
            }
        }
    }
}
