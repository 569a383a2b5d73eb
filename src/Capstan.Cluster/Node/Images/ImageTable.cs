using System.Text.Json;

namespace Capstan.Cluster.Node.Images;

/// <summary>The images that this machine has programs for: those of a person's file before the built-in ones, one with a tag before one without.</summary>
internal sealed class ImageTable(IReadOnlyList<KnownImage> given, OperatorImages operators, string entrypoints)
{
    /// <summary>Reads a file of images.</summary>
    /// <param name="file">The file; null: none.</param>
    /// <param name="programs">Where the operators' executables are.</param>
    /// <param name="entrypoints">Where scripts that stand before programs are put.</param>
    /// <exception cref="OperatorException">The file cannot be read.</exception>
    public static ImageTable Read(string? file, string programs, string entrypoints)
    {
        try
        {
            var given = file is null ? [] : JsonSerializer.Deserialize(File.ReadAllBytes(file), ImagesJson.Default.ImagesFile)?.Images ?? [];
            if (given.FirstOrDefault(image => image.Image.Length == 0) is not null)
            {
                throw new OperatorException($"{file}: an image has no name");
            }

            return new(given, new OperatorImages(programs), entrypoints);
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{file}: {fault.Message}", fault);
        }
    }

    /// <summary>What is run for an image; null: nobody knows it.</summary>
    public KnownImage? Find(string image) =>
        given.Where(known => known.Matches(image)).OrderBy(known => ImageName.Split(known.Image).Tag is null).ThenByDescending(known => known.Image.Length).Select(WithWhatIsMissing).FirstOrDefault()
            ?? PostgresImage.Find(image, entrypoints)
            ?? operators.Find(image);

    private static KnownImage WithWhatIsMissing(KnownImage given) =>
        given.Entrypoint.FirstOrDefault() is { } program && Path.IsPathRooted(program) && !File.Exists(program) ? given with { Missing = $"{program}, which stands for image {given.Image}, is not on this machine" } : given;
}
