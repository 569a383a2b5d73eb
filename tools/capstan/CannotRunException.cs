namespace Capstan.Tool;

/// <summary>Something outside the program stands in the way: a taken port, a file that cannot be written. The message is one line for people.</summary>
internal sealed class CannotRunException(string message, Exception? cause = null) : Exception(message.ReplaceLineEndings(" "), cause);
