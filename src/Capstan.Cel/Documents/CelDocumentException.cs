namespace Capstan.Cel;

/// <summary>The bytes given to a <see cref="CelDocument"/> are no JSON text.</summary>
public sealed class CelDocumentException : FormatException
{
    internal CelDocumentException(string problem, int offset)
        : base($"invalid JSON at byte {offset}: {problem}") => Offset = offset;

    /// <summary>Where the text stops making sense, in bytes from its beginning.</summary>
    public int Offset { get; }
}
