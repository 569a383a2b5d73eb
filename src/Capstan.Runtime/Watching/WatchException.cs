namespace Capstan.Watching;

/// <summary>A watch broke in a way that HTTP does not know of.</summary>
internal class WatchException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>A watch said nothing for so long that its connection, or the server's knowledge of streaming lists, is taken for missing.</summary>
internal sealed class WatchSilenceException(string message) : WatchException(message);
