namespace Capstan.ApiServer;

/// <summary>A data directory cannot be used: another server has it, it cannot be read or written, or it is damaged so that writes which were acknowledged would be lost.
/// The message names file and offset; nothing was changed.</summary>
public sealed class DataDirectoryException : IOException
{
    /// <summary>With a message for the person who chose the directory.</summary>
    public DataDirectoryException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for the person who chose the directory, and its cause.</summary>
    public DataDirectoryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
