namespace Recordings.Tests.Replaying;

/// <summary>The conversation cannot go on: what it waits for never came, or a command did not end.</summary>
internal sealed class StoppedException(string message) : Exception(message);
