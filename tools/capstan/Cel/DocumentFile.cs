using System.Text;
using System.Text.Unicode;
using Capstan.Cel;
using Capstan.Yaml;

namespace Capstan.Tool.Cel;

/// <summary>A JSON or YAML file as a value.</summary>
internal static class DocumentFile
{
    /// <summary>JSON is read where it lies and takes little more than its bytes.</summary>
    public const int LargestJson = 256 << 20;

    /// <summary>YAML becomes a tree, of many times its size.</summary>
    public const int LargestYaml = 32 << 20;

    /// <summary>Reads it.</summary>
    /// <param name="path">A file, or <see cref="CelOptions.StandardInput"/>.</param>
    /// <param name="input">Opens standard input.</param>
    /// <exception cref="CannotRunException">It cannot be read or does not parse, or is not one document; the message has file, line and column.</exception>
    public static CelValue Read(string path, Func<Stream> input)
    {
        var source = path == CelOptions.StandardInput ? "standard input" : path;
        var bytes = Bytes(path, source, input);
        if (!Utf8.IsValid(bytes.Span))
        {
            throw new CannotRunException($"{source}: not UTF-8 text");
        }

        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            return CelValue.Of(CelDocument.Parse(bytes));
        }
        catch (CelDocumentException fault) when (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            var (line, column) = Place(bytes.Span[..Math.Min(fault.Offset, bytes.Length)]);
            throw new CannotRunException($"{source}:{line}:{column}: {fault.Message}", fault);
        }
        catch (CelDocumentException)
        {
            // YAML then; if it was meant to be JSON, the YAML parser finds the same fault and knows its line.
            return Yaml(bytes, source);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(string path, string source, Func<Stream> input)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new CannotRunException($"{source}: is a directory");
            }

            using var stream = path == CelOptions.StandardInput ? input() : File.OpenRead(path);
            return InputBytes.Read(stream, source, LargestJson);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CannotRunException($"{source}: no such file", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CannotRunException($"{source}: {cause.Message}", cause);
        }
    }

    private static CelValue Yaml(ReadOnlyMemory<byte> bytes, string source)
    {
        if (bytes.Length > LargestYaml)
        {
            throw new CannotRunException($"{source}: not JSON, and too large to be read as YAML ({LargestYaml >> 20} MiB)");
        }

        try
        {
            var documents = YamlReader.ReadAll(Encoding.UTF8.GetString(bytes.Span), source);
            return documents.Count switch
            {
                1 => CelValue.Of(documents[0]),
                0 => throw new CannotRunException($"{source}: there is no document in it"),
                var count => throw new CannotRunException($"{source}: {count} documents, and an expression is evaluated over one"),
            };
        }
        catch (YamlFormatException fault)
        {
            throw new CannotRunException(fault.Message, fault);
        }
    }

    private static (int Line, int Column) Place(ReadOnlySpan<byte> before)
    {
        var start = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
