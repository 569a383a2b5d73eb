using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>Binary data as text.</summary>
internal static class EncodingDeclarations
{
    /// <summary>Base64.</summary>
    public static ImmutableArray<FunctionDeclaration> Base64 { get; } = SignatureReader.Functions(
        """
        base64.decode
          base64_decode_string (string) -> bytes
        base64.encode
          base64_encode_bytes (bytes) -> string
        """);
}
