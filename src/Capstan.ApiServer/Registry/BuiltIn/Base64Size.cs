namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>How many bytes a text in base64 stands for.</summary>
internal static class Base64Size
{
    /// <summary>The number of bytes; 0 for nothing.</summary>
    public static long Of(string? base64)
    {
        if (string.IsNullOrEmpty(base64))
        {
            return 0;
        }

        var padding = base64.EndsWith("==", StringComparison.Ordinal) ? 2 : base64[^1] == '=' ? 1 : 0;
        return base64.Length / 4 * 3L - padding;
    }
}
