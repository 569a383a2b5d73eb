using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>Base64.</summary>
internal static class EncoderFunctions
{
    public static void Declare(FunctionSet set)
    {
        set.Global("base64.encode", 1, a => a[0].Kind == CelKind.Bytes ? CelValue.Of(CelBase64.Encode(a[0].Bytes)) : FunctionSet.NoOverload("base64.encode"));
        set.Global("base64.decode", 1, a => a[0].Kind != CelKind.String ? FunctionSet.NoOverload("base64.decode")
            : CelBase64.TryDecode(a[0].String, out var bytes, out var position) ? CelValue.Of(bytes)
            : CelValue.Failure(CelErrorText.Of(CelErrorKind.InvalidBase64, position)));
    }
}
