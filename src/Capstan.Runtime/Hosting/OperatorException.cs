namespace Capstan;

/// <summary>The operator cannot run, or cannot go on. The message is one line for the person who started it.</summary>
public sealed class OperatorException : Exception
{
    /// <summary>Says why.</summary>
    public OperatorException(string message)
        : base(message)
    {
    }

    /// <summary>Says why, with the cause.</summary>
    public OperatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
