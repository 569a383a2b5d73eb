namespace Capstan.Tool.Local;

/// <summary>What <c>capstan local</c> does, in order.</summary>
internal static class LocalRun
{
    public static Task<int> RunAsync(LocalOptions options) =>
        throw new CannotRunException($"the API server is not part of this build yet (port {options.Port})");
}
